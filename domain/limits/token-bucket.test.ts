import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { bucketCapacity, takeTokens, type Bucket, type BucketPolicy } from './token-bucket.ts';

const policyArbitrary = fc.record({ perMinute: fc.integer({ min: 1, max: 1_000 }), burst: fc.integer({ min: 0, max: 200 }) });
const read: BucketPolicy = { perMinute: 100, burst: 20 };

/** Takes one token at each of these times; tells which were allowed. */
function takeAt(policy: BucketPolicy, timesMs: readonly number[]): boolean[] {
  let bucket: Bucket | undefined;
  return timesMs.map((nowMs) => {
    const taken = takeTokens(policy, bucket, { nowMs, cost: 1 });
    bucket = taken.bucket;
    return taken.answer.isAllowed;
  });
}

describe('takeTokens', () => {
  it('gives a full bucket at once, and then its pace', () => {
    const allowed = takeAt(read, [...Array<number>(130).fill(0), ...Array.from({ length: 60 }, (_, second) => (second + 1) * 1_000)]);
    expect(allowed.slice(0, 130).filter(Boolean)).toHaveLength(120);
    expect(allowed.slice(130).filter(Boolean)).toHaveLength(60);
    expect(takeAt(read, [...Array<number>(120).fill(0), ...Array<number>(1_000).fill(60_000)]).filter(Boolean)).toHaveLength(220);
  });

  it('says when the same will be allowed again: not a millisecond later, and no sooner', () => {
    fc.assert(
      fc.property(policyArbitrary, fc.integer({ min: 0, max: 10_000 }), (policy, extraMs) => {
        let bucket: Bucket | undefined;
        for (let taken = 0; taken < bucketCapacity(policy); taken += 1) ({ bucket } = takeTokens(policy, bucket, { nowMs: 5, cost: 1 }));
        const { answer, bucket: empty } = takeTokens(policy, bucket, { nowMs: 5, cost: 1 });
        expect([answer.isAllowed, answer.remaining]).toEqual([false, 0]);
        const at = (nowMs: number) => takeTokens(policy, empty, { nowMs, cost: 1 }).answer.isAllowed;
        expect([at(5 + answer.retryAfterMs - 1), at(5 + answer.retryAfterMs), at(5 + answer.retryAfterMs + extraMs)]).toEqual([
          false,
          true,
          true,
        ]);
        expect(takeTokens(policy, empty, { nowMs: 5 + answer.resetMs, cost: bucketCapacity(policy) }).answer.isAllowed).toBe(true);
      }),
    );
  });

  it('never gives out more than its size and its gain, in any stretch of time', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 300 });
    fc.assert(
      fc.property(policyArbitrary, gaps, (policy, gapsMs) => {
        let nowMs = 0;
        const times = gapsMs.map((gapMs) => (nowMs += gapMs));
        const allowed = takeAt(policy, times).filter(Boolean).length;
        expect(allowed).toBeLessThanOrEqual(bucketCapacity(policy) + ((nowMs - (times[0] ?? 0)) * policy.perMinute) / 60_000);
      }),
    );
  });

  it('takes nothing when it refuses, and gains nothing from a clock that goes back', () => {
    const { bucket } = takeTokens(read, undefined, { nowMs: 10_000, cost: 118 });
    expect(takeTokens(read, bucket, { nowMs: 10_000, cost: 3 }).answer).toMatchObject({ isAllowed: false, remaining: 2 });
    const back = takeTokens(read, bucket, { nowMs: 4_000, cost: 1 });
    expect([back.answer.remaining, back.bucket.atMs]).toEqual([1, 10_000]);
  });
});
