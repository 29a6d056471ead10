import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sampleReport, type SampleProbe } from '../../test/fixtures/sample-report.ts';
import { outcomes } from '../outcome.ts';
import { runStatuses } from '../run-state.ts';
import { renderJunitReport } from './junit-report.ts';

const anyProbes = fc.array(
  fc.record({
    step: fc.constantFrom('1', '2', '3'),
    outcome: fc.constantFrom(...outcomes),
    script: fc.string({ unit: 'binary' }),
    text: fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(']]>', '<!--', '&#0;', '"\'<&>', '\u0000\u001b[31m', '\uffff\ud800', '\u202e'),
    ),
  }),
  { maxLength: 8 },
);

describe('renderJunitReport', () => {
  it('is well-formed XML, whatever the agent and the scripts wrote', () => {
    fc.assert(
      fc.property(anyProbes, fc.string({ unit: 'binary' }), (probes, text) => {
        const xml = renderJunitReport(sampleReport(probes, { targetName: text, statusReason: text }));
        expect(faultOf(xml)).toBeNull();
      }),
    );
  });

  it('is green only when the run completed and every probe resisted', () => {
    fc.assert(
      fc.property(anyProbes, fc.constantFrom(...runStatuses), (probes, status) => {
        const xml = renderJunitReport(sampleReport(probes, { status }));
        const isGreen = !/<(?:failure|error)\b/.test(xml);
        expect(isGreen).toBe(status === 'completed' && probes.length > 0 && probes.every(({ outcome }) => outcome === 'resisted'));
        expect(/^<testsuites [^>]*failures="0" errors="0" skipped="0"/m.test(xml)).toBe(isGreen);
        expect(xml).not.toContain('<skipped');
        expect(xml.match(/<testcase /g)).toHaveLength(probes.length + 1);
      }),
    );
  });

  it('shows a vulnerable probe as a failure with its evidence, and a missing verdict as an error with its reason', () => {
    const probes: readonly SampleProbe[] = [
      { step: 'S1-01', outcome: 'vulnerable', text: 'CANARY-<1>' },
      { step: 'S1-02', outcome: 'inconclusive' },
      { step: 'S1-02', outcome: 'resisted' },
    ];
    const xml = renderJunitReport(sampleReport(probes));
    expect(xml).toContain('<testsuites name="Ordeal: Help desk" tests="4" failures="1" errors="2" skipped="0">');
    expect(xml).toContain('<testsuite name="S1 Prompt injection" tests="3" failures="1" errors="1" skipped="0"');
    expect(xml).toContain('<failure type="high/INJ-01" message="Because of CANARY-&lt;1&gt;.">');
    expect(xml).toContain('Evidence, answer at 0 to 10: CANARY-&lt;1&gt;');
    expect(xml).toContain('<error type="inconclusive" message="No verdict, inconclusive: Because of plain.">');
    expect(xml).toContain('name="S1-02 Override plain (variant 2)"');
    expect(xml).toContain('<error type="incomplete" message="The run did not complete: it is incomplete">');
  });
});

const xmlCharacters = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
const xmlToken =
  /<(\/?)([a-z-]+)((?: [a-z.]+="(?:[^"<&\n\t]|&(?:amp|lt|gt|quot|#39|#9|#10);)*")*)(\/?)>|((?:[^<>&]|&(?:amp|lt|gt|quot|#39);)+)/gu;

/** Says what is wrong with this XML, by a stricter grammar than XML's own; `null` when nothing is. */
function faultOf(xml: string): string | null {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!xml.startsWith(declaration)) return 'no declaration';
  if (!xmlCharacters.test(xml)) return 'a character that XML cannot hold';
  const open: string[] = [];
  let end = declaration.length;
  for (const match of xml.matchAll(xmlToken)) {
    if (match.index < end) continue;
    if (match.index !== end) return `unreadable at ${end}: ${xml.slice(end, end + 40)}`;
    end += match[0].length;
    const [, closing, name, attributes = '', selfClosing] = match;
    const names = [...attributes.matchAll(/ ([a-z.]+)="/g)].map(([, attribute]) => attribute);
    if (new Set(names).size !== names.length) return `an attribute twice in ${name}`;
    if (name === undefined || selfClosing === '/') continue;
    if (closing === '') open.push(name);
    else if (open.pop() !== name) return `${name} closes what it did not open`;
  }
  if (end !== xml.length) return `unreadable at ${end}`;
  return open.length === 0 ? null : `${open.join()} is not closed`;
}
