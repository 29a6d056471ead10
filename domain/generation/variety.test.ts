import { describe, expect, it } from 'vitest';

import { pooledPromptsNeeded, waysOf } from './variety.ts';
import { planHash, planRowHash } from './plan-hash.ts';
import type { PlanRow } from './plan-row.ts';

describe('the ways of a run', () => {
  it('are one for a run that asks for nothing', () => {
    expect(waysOf({ intensity: 'low', styles: ['plain'], seed: null }, ['plain'])).toEqual([
      { variantNo: 1, style: 'plain', strategy: 'plain', promptVariant: 1 },
    ]);
  });

  it('are styles times strategies times variants, numbered, the first variant of everything before the second of anything', () => {
    const ways = waysOf({ intensity: 'medium', styles: ['plain', 'flattery'], seed: null }, ['plain', 'hex']);
    expect(ways.map(({ variantNo, style, strategy, promptVariant }) => `${variantNo} ${promptVariant} ${style} ${strategy}`)).toEqual([
      '1 1 plain plain',
      '2 1 plain hex',
      '3 1 flattery plain',
      '4 1 flattery hex',
      '5 2 plain plain',
      '6 2 plain hex',
      '7 2 flattery plain',
      '8 2 flattery hex',
    ]);
  });

  it('need one prompt less from the pool in the plain style, whose first variant is the script itself', () => {
    const needs = (['low', 'medium', 'high'] as const).map((intensity) => [
      pooledPromptsNeeded(intensity, 'plain'),
      pooledPromptsNeeded(intensity, 'flattery'),
    ]);
    expect(needs).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });
});

describe('the hash of a plan', () => {
  const row: PlanRow = {
    sequenceNo: 1,
    position: 2,
    scriptSlug: 'S1',
    scriptVersion: 3,
    stepId: 'S1-01',
    variantNo: 4,
    style: 'plain',
    promptVariant: 1,
    strategy: 'hex',
    promptSource: 'script',
    seed: 'ordeal',
    stepDigest: 'abc',
  };
  const sha256 = (text: string) => `<${text}>`;

  it('changes with every member of every row, and with their order', () => {
    const hashes = Object.entries(row).map(([name, value]) =>
      planRowHash({ ...row, [name]: typeof value === 'number' ? value + 1 : `${value}x` }, sha256),
    );
    expect(new Set([planRowHash(row, sha256), ...hashes]).size).toBe(Object.keys(row).length + 1);
    expect(planHash(['a', 'b'], sha256)).not.toBe(planHash(['b', 'a'], sha256));
  });
});
