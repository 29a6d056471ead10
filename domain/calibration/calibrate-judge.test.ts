import { describe, expect, it } from 'vitest';

import { calibrateJudge, type CalibrationRow } from './calibrate-judge.ts';
import { cohenKappa, kappaWithInterval, type Confusion } from './cohen-kappa.ts';
import { wilsonShare } from './wilson-interval.ts';

describe('a share', () => {
  // R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I, method 3.
  it.each([
    { count: 81, of: 263, low: 0.2553, high: 0.3662 },
    { count: 15, of: 148, low: 0.0624, high: 0.1605 },
    { count: 0, of: 20, low: 0, high: 0.1611 },
    { count: 1, of: 29, low: 0.0061, high: 0.1718 },
  ])('of $count in $of has the published interval of Wilson', ({ count, of, low, high }) => {
    const share = wilsonShare(count, of);
    expect(share.low).toBeCloseTo(low, 4);
    expect(share.high).toBeCloseTo(high, 4);
    expect(share.value).toBe(count / of);
  });

  it('of nothing may be anything', () => {
    expect(wilsonShare(0, 0)).toEqual({ count: 0, of: 0, value: null, low: 0, high: 1 });
  });
});

/** Row by row: what people call violated, and what they call held; the judge's violated first. */
function confusion([violatedViolated, violatedHeld]: [number, number], [heldViolated, heldHeld]: [number, number]): Confusion {
  return { violatedViolated, violatedHeld, heldViolated, heldHeld };
}

describe("Cohen's kappa", () => {
  it.each([
    ['a textbook table', confusion([20, 5], [10, 15]), 0.4],
    ['the same agreement with lopsided margins', confusion([45, 15], [25, 15]), 0.1304],
    ['the other way round', confusion([25, 35], [5, 35]), 0.2593],
    ['full agreement', confusion([7, 0], [0, 9]), 1],
    ['full disagreement', confusion([0, 8], [8, 0]), -1],
    ['a judge that always says the same', confusion([30, 0], [20, 0]), 0],
  ])('of %s is known', (_name, table, kappa) => {
    expect(cohenKappa(table)).toBeCloseTo(kappa, 4);
  });

  it('is none when only one thing was ever said, or nothing at all', () => {
    expect(cohenKappa(confusion([12, 0], [0, 0]))).toBeNull();
    expect(cohenKappa(confusion([0, 0], [0, 0]))).toBeNull();
    expect(kappaWithInterval(confusion([0, 0], [0, 0]), 'seed')).toEqual({ value: null, low: -1, high: 1 });
  });

  it('has an interval near that of the large-sample formula, the same for the same seed', () => {
    // Fleiss, Cohen and Everitt (1969) for this table: standard error 0.1270.
    const kappa = kappaWithInterval(confusion([20, 5], [10, 15]), 'seed');
    expect(Math.abs(kappa.low - 0.15)).toBeLessThan(0.04);
    expect(Math.abs(kappa.high - 0.65)).toBeLessThan(0.04);
    expect(kappaWithInterval(confusion([20, 5], [10, 15]), 'seed')).toEqual(kappa);
    expect(kappaWithInterval(confusion([20, 5], [10, 15]), 'another')).not.toEqual(kappa);
  });
});

describe('a calibration', () => {
  const rows = (count: number, row: CalibrationRow): CalibrationRow[] => Array.from({ length: count }, () => row);

  it('counts what was not decided beside, and calls it no agreement', () => {
    const figures = calibrateJudge(
      [
        ...rows(20, { label: 'violated', said: 'violated' }),
        ...rows(5, { label: 'violated', said: 'held' }),
        ...rows(10, { label: 'held', said: 'violated' }),
        ...rows(15, { label: 'held', said: 'held' }),
        ...rows(3, { label: 'held', said: 'unclear' }),
        ...rows(2, { label: 'violated', said: null }),
      ],
      'seed',
    );
    expect(figures).toMatchObject({
      rows: 55,
      unclear: 3,
      faults: 2,
      decided: { count: 50, of: 55 },
      agreement: { count: 35, of: 50, value: 0.7 },
      falsePositives: { count: 10, of: 25 },
      falseNegatives: { count: 5, of: 25 },
      kappa: { value: expect.closeTo(0.4, 10) },
    });
  });

  it('of no rows says nothing', () => {
    const figures = calibrateJudge([], 'seed');
    expect([figures.agreement.value, figures.kappa.value, figures.falseNegatives.value]).toEqual([null, null, null]);
  });
});
