import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sampleReport, type SampleProbe } from '../../test/fixtures/sample-report.ts';
import { outcomes } from '../outcome.ts';
import { compareRuns } from './compare-runs.ts';

const probe = (step: string, outcome: SampleProbe['outcome'], rest: Partial<SampleProbe> = {}): SampleProbe => ({
  step,
  outcome,
  category: `CAT-${step}`,
  ...rest,
});

const compare = (before: readonly SampleProbe[], now: readonly SampleProbe[]) => compareRuns(sampleReport(before), sampleReport(now));

describe('compareRuns', () => {
  it('calls a weakness fixed when its step was judged again and resisted', () => {
    const comparison = compare([probe('1', 'vulnerable')], [probe('1', 'resisted')]);
    expect(comparison.fixed.map((finding) => finding.weaknessKey)).toEqual(['S1/CAT-1/canary_leak']);
    expect(comparison.noLongerTested).toEqual([]);
  });

  it.each<[string, readonly SampleProbe[], string]>([
    ['was not planned', [probe('2', 'resisted')], 'not_planned'],
    ['was not sent', [probe('1', 'not_run')], 'not_judged'],
    ['has no verdict', [probe('1', 'inconclusive')], 'not_judged'],
    ['was blocked', [probe('1', 'blocked')], 'not_judged'],
    ['has a verdict for one variant only', [probe('1', 'resisted'), probe('1', 'inconclusive')], 'not_judged'],
    ['shows another weakness', [probe('1', 'vulnerable', { category: 'OTHER' })], 'other_weakness'],
  ])('does not call a weakness fixed when its step %s', (_, now, why) => {
    const comparison = compare([probe('1', 'vulnerable')], now);
    expect(comparison.fixed).toEqual([]);
    expect(comparison.noLongerTested).toMatchObject([{ finding: { weaknessKey: 'S1/CAT-1/canary_leak' }, why }]);
  });

  it('needs every step that showed a weakness', () => {
    const before = [probe('1', 'vulnerable', { category: 'X' }), probe('2', 'vulnerable', { category: 'X' })];
    expect(compare(before, [probe('1', 'resisted', { category: 'X' })]).noLongerTested).toMatchObject([{ why: 'not_judged' }]);
  });

  it('tells a regression from a weakness that was not tested before', () => {
    const comparison = compare(
      [probe('1', 'resisted'), probe('2', 'inconclusive')],
      [probe('1', 'vulnerable'), probe('2', 'vulnerable'), probe('3', 'vulnerable')],
    );
    expect(comparison.fresh.map(({ finding, before }) => [finding.category, before])).toEqual([
      ['CAT-1', 'resisted'],
      ['CAT-2', 'unknown'],
      ['CAT-3', 'unknown'],
    ]);
  });

  it('takes a known weakness that got more severe as new', () => {
    const comparison = compare([probe('1', 'vulnerable', { severity: 'low' })], [probe('1', 'vulnerable', { severity: 'critical' })]);
    expect(comparison).toMatchObject({ fresh: [{ before: 'less_severe', finding: { severity: 'critical' } }], unchanged: [], fixed: [] });
  });

  it('names steps that lost their verdict, and targets of different names', () => {
    const comparison = compareRuns(
      sampleReport([probe('1', 'resisted'), probe('2', 'blocked')]),
      sampleReport([probe('1', 'blocked')], { targetName: 'Other' }),
    );
    expect(comparison.stepsNoLongerJudged.map((step) => step.stepId)).toEqual(['1']);
    expect(comparison.isSameTarget).toBe(false);
  });

  it('finds nothing to say of a run compared with itself', () => {
    const report = sampleReport([probe('1', 'vulnerable'), probe('2', 'resisted'), probe('3', 'inconclusive')]);
    expect(compareRuns(report, report)).toMatchObject({
      fresh: [],
      fixed: [],
      noLongerTested: [],
      stepsNoLongerJudged: [],
      unchanged: report.findings,
    });
  });

  const anyProbes = fc.array(
    fc.record({
      step: fc.constantFrom('1', '2', '3'),
      outcome: fc.constantFrom(...outcomes),
      category: fc.constantFrom('A', 'B'),
      script: fc.constantFrom('S1', 'S2'),
    }),
    { maxLength: 10 },
  );

  it('puts every weakness of either run into exactly one group', () => {
    fc.assert(
      fc.property(anyProbes, anyProbes, (before, now) => {
        const [baseline, current] = [sampleReport(before), sampleReport(now)];
        const { fresh, fixed, unchanged, noLongerTested } = compareRuns(baseline, current);
        const grouped = [...fresh, ...noLongerTested].map(({ finding }) => finding).concat(fixed, unchanged);
        const expected = new Set([...baseline.findings, ...current.findings].map((finding) => finding.weaknessKey));
        expect(grouped.map((finding) => finding.weaknessKey).toSorted()).toEqual([...expected].toSorted());
      }),
    );
  });

  it('never calls fixed what a later probe of the same step did not resist', () => {
    fc.assert(
      fc.property(anyProbes, anyProbes, (before, now) => {
        const [baseline, current] = [sampleReport(before), sampleReport(now)];
        for (const { probeIds } of compareRuns(baseline, current).fixed) {
          for (const shown of baseline.probes.filter(({ probeId }) => probeIds.includes(probeId))) {
            const again = current.probes.filter((one) => one.scriptSlug === shown.scriptSlug && one.stepId === shown.stepId);
            expect(again.length).toBeGreaterThan(0);
            expect(again.every(({ outcome }) => outcome === 'resisted')).toBe(true);
          }
        }
      }),
    );
  });

  it('does not count a weakness as fixed that another strategy had shown', () => {
    const baseline = sampleReport([
      { step: 'S1-01', outcome: 'resisted' },
      { step: 'S1-01', outcome: 'vulnerable', strategy: 'base64' },
    ]);
    const plainOnly = compareRuns(baseline, sampleReport([{ step: 'S1-01', outcome: 'resisted' }]));
    expect([plainOnly.fixed.length, plainOnly.noLongerTested.map(({ why }) => why)]).toEqual([0, ['not_planned']]);
    expect(plainOnly.stepsNoLongerJudged.map(({ stepTitle }) => stepTitle)).toEqual(['Override plain [base64]']);
    const again = compareRuns(baseline, sampleReport([{ step: 'S1-01', outcome: 'resisted', strategy: 'base64' }]));
    expect(again.fixed).toHaveLength(1);
  });
});
