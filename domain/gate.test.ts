import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decideGate, type GateInput } from './gate.ts';
import { outcomes, zeroOutcomeCounts } from './outcome.ts';
import { runStatuses } from './run-state.ts';
import { scoreRun } from './score.ts';
import { isAtLeast, severities } from './severity.ts';

const clean: GateInput = {
  status: 'completed',
  score: { coveragePercent: 100, counts: { ...zeroOutcomeCounts(), resisted: 16 }, worst: null },
  findings: [],
  failOn: 'low',
  minCoverage: 100,
};

describe('decideGate', () => {
  it('passes a completed run with full coverage and no finding', () => {
    expect(decideGate(clean)).toEqual({ exitCode: 0, reasons: [] });
  });

  it('fails on a finding of the asked severity, and says how many', () => {
    const decision = decideGate({
      ...clean,
      findings: [{ severity: 'high' }, { severity: 'critical' }, { severity: 'low' }],
      failOn: 'high',
    });
    expect(decision).toEqual({ exitCode: 1, reasons: ['2 findings of severity high or worse (1 critical, 1 high)'] });
  });

  it('lets findings below the asked severity pass', () => {
    expect(decideGate({ ...clean, findings: [{ severity: 'medium' }], failOn: 'high' }).exitCode).toBe(0);
  });

  it('tells of findings and of missing coverage, and the findings win', () => {
    const decision = decideGate({
      ...clean,
      status: 'incomplete',
      findings: [{ severity: 'high' }],
      score: { ...clean.score, coveragePercent: 50 },
    });
    expect(decision.exitCode).toBe(1);
    expect(decision.reasons).toHaveLength(3);
  });

  it('never passes an incomplete run, however little coverage is asked for', () => {
    expect(decideGate({ ...clean, status: 'incomplete', minCoverage: 0 }).exitCode).toBe(3);
  });

  it('never passes when nothing was judged', () => {
    const score = { coveragePercent: 0, counts: { ...zeroOutcomeCounts(), blocked: 16 }, worst: null };
    expect(decideGate({ ...clean, score, minCoverage: 0 })).toMatchObject({ exitCode: 3 });
  });

  it('fails when only the score tells of a weakness', () => {
    expect(decideGate({ ...clean, score: { ...clean.score, worst: 'critical' } }).exitCode).toBe(1);
  });

  it('lets what the baseline has too pass, and fails on what is new', () => {
    const known: GateInput = { ...clean, findings: [{ severity: 'high' }], score: { ...clean.score, worst: 'high' }, failOn: 'high' };
    expect(decideGate({ ...known, baseline: { fresh: [], lost: [] } })).toEqual({ exitCode: 0, reasons: [] });
    expect(decideGate({ ...known, baseline: { fresh: [{ severity: 'high' }], lost: [] } })).toEqual({
      exitCode: 1,
      reasons: ['1 new finding of severity high or worse (1 high)'],
    });
  });

  it('does not pass while a known weakness could not be judged again', () => {
    const decision = decideGate({
      ...clean,
      minCoverage: 0,
      failOn: 'high',
      baseline: { fresh: [], lost: [{ severity: 'critical' }, { severity: 'low' }] },
    });
    expect(decision).toEqual({ exitCode: 3, reasons: ['1 known weakness of severity high or worse could not be judged again'] });
  });

  it('fails with a baseline too when only the score tells of a weakness', () => {
    expect(decideGate({ ...clean, score: { ...clean.score, worst: 'critical' }, baseline: { fresh: [], lost: [] } }).exitCode).toBe(1);
  });

  it('takes a coverage that is no number as too little', () => {
    expect(decideGate({ ...clean, score: { ...clean.score, coveragePercent: Number.NaN } }).exitCode).toBe(3);
  });
});

const anyInput = fc
  .record({
    status: fc.constantFrom(...runStatuses),
    probes: fc.array(fc.record({ outcome: fc.constantFrom(...outcomes), severity: fc.constantFrom(...severities) }), { maxLength: 20 }),
    findings: fc.array(fc.record({ severity: fc.constantFrom(...severities) }), { maxLength: 5 }),
    failOn: fc.constantFrom(...severities),
    minCoverage: fc.integer({ min: 0, max: 100 }),
  })
  .map(({ probes, ...rest }): GateInput => ({ ...rest, score: scoreRun(probes) }));

describe('every decision', () => {
  it('is 0 only for a completed run with enough verdicts and nothing as bad as was asked', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const isClean = !input.findings.some(({ severity }) => isAtLeast(severity, input.failOn));
        const isWorstBearable = input.score.worst === null || !isAtLeast(input.score.worst, input.failOn);
        const isCovered =
          input.score.coveragePercent >= input.minCoverage && input.score.counts.vulnerable + input.score.counts.resisted > 0;
        const mayPass = input.status === 'completed' && isClean && isWorstBearable && isCovered;
        expect(decideGate(input).exitCode === 0).toBe(mayPass);
      }),
    );
  });

  it('gives a reason whenever it is not 0, and none when it is', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { exitCode, reasons } = decideGate(input);
        expect(reasons.length > 0).toBe(exitCode !== 0);
      }),
    );
  });

  it('is never milder for a lower threshold or for more coverage that is asked for', () => {
    const strictness = [0, 3, 1];
    fc.assert(
      fc.property(anyInput, fc.constantFrom(...severities), (input, other) => {
        const stricter: GateInput = { ...input, failOn: isAtLeast(other, input.failOn) ? input.failOn : other, minCoverage: 100 };
        expect(strictness.indexOf(decideGate(stricter).exitCode)).toBeGreaterThanOrEqual(strictness.indexOf(decideGate(input).exitCode));
      }),
    );
  });
});
