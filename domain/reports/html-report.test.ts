import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sampleReport, type SampleProbe } from '../../test/fixtures/sample-report.ts';
import { outcomes } from '../outcome.ts';
import { runStatuses } from '../run-state.ts';
import { compareRuns } from './compare-runs.ts';
import { renderHtmlReport } from './html-report.ts';
import { htmlStyle, htmlStyleHash } from './html-style.ts';
import { html } from './html-template.ts';

const hostile = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg/onload=alert(1)>',
  "' autofocus onfocus='x",
  '</style><b>',
  '&lt;b&gt;',
  '\u202egnissap\u0000',
];

const anyProbes = fc.array(
  fc.record({
    step: fc.constantFrom('1', '2', ...hostile),
    outcome: fc.constantFrom(...outcomes),
    script: fc.constantFrom('S1', ...hostile),
    category: fc.constantFrom('INJ-01', ...hostile),
    text: fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary' })),
  }),
  { maxLength: 6 },
);

/** Tags with what stands in them; every value of an attribute is in double quotes. */
const tagPattern = /<(\/?[a-z][a-z0-9]*|!doctype)((?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"<>]*")?)*)\s*\/?>/g;
const allowedTags = new Set(
  '!doctype html head meta title style body main header section article footer p div h1 h2 h3 h4 dl dt dd ul li pre code span strong table thead tbody tr th td svg rect line text'.split(
    ' ',
  ),
);

describe('renderHtmlReport', () => {
  it('lets nothing that the agent, the target or a script wrote become markup', () => {
    fc.assert(
      fc.property(anyProbes, anyProbes, fc.constantFrom(...hostile), (before, now, text) => {
        const report = sampleReport(now, { targetName: text, statusReason: text, runId: text, planHash: text });
        const page = renderHtmlReport(report, compareRuns(sampleReport(before, { runId: text }), report)).replace(htmlStyle, '');
        for (const [, name = '', attributes = ''] of page.matchAll(tagPattern)) {
          expect(allowedTags).toContain(name.replace('/', ''));
          expect(attributes).not.toMatch(/\s(?:on\w+|style|src|href|srcset|action)=/i);
        }
        expect(page.replace(tagPattern, '')).not.toMatch(/[<>]/);
        expect(page).not.toMatch(/[\u202e\u0000]/);
      }),
    );
  });

  it('allows its own style sheet only, and asks for nothing from elsewhere', () => {
    const page = renderHtmlReport(sampleReport([{ step: '1', outcome: 'vulnerable' }]));
    const style = /<style>([^<]*)<\/style>/.exec(page)?.[1] ?? '';
    expect(htmlStyleHash).toBe(createHash('sha256').update(style).digest('base64'));
    expect(page).toContain(`default-src 'none'; style-src 'sha256-${htmlStyleHash}'`);
    expect(page).not.toMatch(/https?:|url\(|@import|<link|<script|<iframe/i);
  });

  it('closes every element that it opens', () => {
    const page = renderHtmlReport(sampleReport(outcomes.map((outcome): SampleProbe => ({ step: outcome, outcome })))).replace(
      htmlStyle,
      '',
    );
    const open: string[] = [];
    for (const [tag, name = ''] of page.matchAll(tagPattern)) {
      if (tag.endsWith('/>') || name === 'meta' || name === '!doctype') continue;
      if (name.startsWith('/')) expect(open.pop()).toBe(name.slice(1));
      else open.push(name);
    }
    expect(open).toEqual([]);
  });

  it('is dressed as passed only when the run completed and every probe resisted', () => {
    fc.assert(
      fc.property(anyProbes, fc.constantFrom(...runStatuses), (probes, status) => {
        const isPassed = renderHtmlReport(sampleReport(probes, { status })).includes('class="headline is-passed"');
        expect(isPassed).toBe(status === 'completed' && probes.length > 0 && probes.every(({ outcome }) => outcome === 'resisted'));
      }),
    );
  });

  it('names outcomes, findings with evidence and remediation, and unjudged probes with their reasons', () => {
    const page = renderHtmlReport(
      sampleReport([
        { step: 'S1-01', outcome: 'vulnerable', severity: 'critical' },
        { step: 'S1-02', outcome: 'inconclusive' },
      ]),
    );
    for (const part of [
      '1 vulnerable',
      '1 inconclusive',
      'sev-critical',
      'answer at 0 to 5',
      'Keep instructions apart from data.',
      'Because of plain.',
      'Coverage',
      '50 %',
    ]) {
      expect(page).toContain(part);
    }
  });
});

describe('html', () => {
  it('escapes what is put in, and leaves its own markup as it is', () => {
    expect(html`<p title="${'"<&>'}">${html`<b>${"'"}</b>`}${[html`<i>${1}</i>`]}</p>`.safeHtml).toBe(
      '<p title="&quot;&lt;&amp;&gt;"><b>&#39;</b><i>1</i></p>',
    );
  });
});
