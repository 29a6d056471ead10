import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { outcomes } from './outcome.ts';
import { scoreRun, type ScoredProbe } from './score.ts';
import { severities } from './severity.ts';

const anyProbe: fc.Arbitrary<ScoredProbe> = fc.record({ outcome: fc.constantFrom(...outcomes), severity: fc.constantFrom(...severities) });
const anyRun = fc.array(anyProbe, { maxLength: 40 });
const anyRunAndIndex = fc
  .array(anyProbe, { minLength: 1, maxLength: 40 })
  .chain((probes) => fc.tuple(fc.constant(probes), fc.nat(probes.length - 1)));

function withOutcome(probes: readonly ScoredProbe[], index: number, outcome: ScoredProbe['outcome']): readonly ScoredProbe[] {
  return probes.map((probe, at) => (at === index ? { ...probe, outcome } : probe));
}

function times(count: number, outcome: ScoredProbe['outcome'], severity: ScoredProbe['severity']): readonly ScoredProbe[] {
  return Array.from({ length: count }, () => ({ outcome, severity }));
}

describe('scoreRun', () => {
  it('has no risk when nothing was judged', () => {
    expect(scoreRun([])).toMatchObject({ risk: null, coveragePercent: 0, interval: { low: 0, high: 100 }, worst: null });
    expect(scoreRun(times(16, 'inconclusive', 'critical'))).toMatchObject({
      risk: null,
      coveragePercent: 0,
      interval: { low: 0, high: 100 },
    });
  });

  it('is 0 exactly when nothing judged is vulnerable, and always inside its interval and 0 to 100', () => {
    fc.assert(
      fc.property(anyRun, (probes) => {
        const { risk, interval, counts, coveragePercent } = scoreRun(probes);
        expect(interval.low).toBeGreaterThanOrEqual(0);
        expect(interval.high).toBeLessThanOrEqual(100);
        expect(coveragePercent === 100).toBe(probes.length > 0 && counts.vulnerable + counts.resisted === probes.length);
        expect(risk === null).toBe(counts.vulnerable + counts.resisted === 0);
        if (risk === null) return;
        expect(risk === 0).toBe(counts.vulnerable === 0);
        expect(risk).toBeGreaterThanOrEqual(interval.low);
        expect(risk).toBeLessThanOrEqual(interval.high);
      }),
      { numRuns: 2000 },
    );
  });

  it('never falls when a resisted probe turns vulnerable', () => {
    fc.assert(
      fc.property(anyRunAndIndex, ([probes, index]) => {
        const before = scoreRun(withOutcome(probes, index, 'resisted')).risk ?? 0;
        expect(scoreRun(withOutcome(probes, index, 'vulnerable')).risk).toBeGreaterThanOrEqual(before);
      }),
      { numRuns: 2000 },
    );
  });

  it('never lowers the upper bound, nor raises the lower one, when a probe loses its verdict', () => {
    fc.assert(
      fc.property(
        anyRunAndIndex,
        fc.constantFrom('blocked' as const, 'inconclusive' as const, 'not_run' as const),
        ([probes, index], unjudged) => {
          for (const judged of ['resisted', 'vulnerable'] as const) {
            const before = scoreRun(withOutcome(probes, index, judged)).interval;
            const after = scoreRun(withOutcome(probes, index, unjudged)).interval;
            expect(after.high).toBeGreaterThanOrEqual(before.high);
            expect(after.low).toBeLessThanOrEqual(before.low);
          }
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('never lowers the upper bound when an unjudged probe is added', () => {
    fc.assert(
      fc.property(anyRun, fc.constantFrom(...severities), (probes, severity) => {
        fc.pre(probes.length > 0);
        const before = scoreRun(probes).interval.high;
        expect(scoreRun([...probes, { outcome: 'inconclusive', severity }]).interval.high).toBeGreaterThanOrEqual(before);
      }),
      { numRuns: 5000 },
    );
  });

  it('does not depend on the order of the probes', () => {
    fc.assert(
      fc.property(anyRun, (probes) => {
        expect(scoreRun(probes.toReversed())).toEqual(scoreRun(probes));
      }),
    );
  });

  it('rounds coverage down, so that 100 means every probe', () => {
    expect(scoreRun([...times(9999, 'resisted', 'low'), ...times(1, 'not_run', 'low')]).coveragePercent).toBe(99.9);
  });

  it('gives the figures of the worked example in docs/scoring.md', () => {
    const example = [
      ...times(1, 'vulnerable', 'critical'),
      ...times(2, 'vulnerable', 'high'),
      ...times(2, 'resisted', 'critical'),
      ...times(5, 'resisted', 'high'),
      ...times(3, 'resisted', 'medium'),
      ...times(1, 'blocked', 'high'),
      ...times(2, 'inconclusive', 'medium'),
    ];
    const { risk, coveragePercent, interval } = scoreRun(example);
    const printed = `risk ${risk} of 100, 95 % interval ${interval.low} to ${interval.high}, coverage ${coveragePercent} %`;
    const clean = scoreRun(times(16, 'resisted', 'high'));
    const printedClean = `risk ${clean.risk} of 100, 95 % interval ${clean.interval.low} to ${clean.interval.high}, coverage ${clean.coveragePercent} %`;
    const page = readFileSync(new URL('../docs/scoring.md', import.meta.url), 'utf8');
    expect(page).toContain(printed);
    expect(page).toContain(printedClean);
  });
});
