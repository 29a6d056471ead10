/**
 * A bucket that holds `perMinute + burst` tokens and gains `perMinute` of them a minute. A full bucket can be spent at
 * once; after that the pace is `perMinute`.
 */
export interface BucketPolicy {
  readonly perMinute: number;
  readonly burst: number;
}

/** A bucket as it stood at `atMs`, in units of a token: see `unitsPerToken`. */
export interface Bucket {
  readonly units: number;
  readonly atMs: number;
}

export interface BucketAnswer {
  readonly isAllowed: boolean;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Until there are enough tokens for the same again; 0 when there are now. */
  readonly retryAfterMs: number;
  /** Until the bucket is full. */
  readonly resetMs: number;
}

/** With it the gain of one millisecond is `perMinute` units, and every figure is a whole number: no rounding, here or in Redis. */
export const unitsPerToken = 60_000;

export function bucketCapacity({ perMinute, burst }: BucketPolicy): number {
  return perMinute + burst;
}

/**
 * Takes `cost` tokens if that many are there, else none. A bucket that nobody knows is full. Time that goes backwards is
 * time that stands still. `runtime/limits/token-bucket-script.ts` decides the same.
 */
export function takeTokens(
  policy: BucketPolicy,
  bucket: Bucket | undefined,
  request: { readonly nowMs: number; readonly cost: number },
): { readonly bucket: Bucket; readonly answer: BucketAnswer } {
  const full = bucketCapacity(policy) * unitsPerToken;
  const atMs = Math.max(request.nowMs, bucket?.atMs ?? 0);
  const gained = bucket === undefined ? full : (atMs - bucket.atMs) * policy.perMinute;
  const before = Math.min(full, (bucket?.units ?? 0) + gained);
  const wanted = request.cost * unitsPerToken;
  const isAllowed = before >= wanted;
  const units = isAllowed ? before - wanted : before;
  return { bucket: { units, atMs }, answer: describeBucket(policy, { units, isAllowed, wanted }) };
}

/** What is to be told of a bucket with so many units, after `wanted` were taken or refused. */
export function describeBucket(
  policy: BucketPolicy,
  after: { readonly units: number; readonly isAllowed: boolean; readonly wanted: number },
): BucketAnswer {
  const full = bucketCapacity(policy) * unitsPerToken;
  return {
    isAllowed: after.isAllowed,
    remaining: Math.floor(after.units / unitsPerToken),
    retryAfterMs: after.units >= after.wanted ? 0 : msToGain(policy, after.wanted - after.units),
    resetMs: msToGain(policy, full - after.units),
  };
}

function msToGain({ perMinute }: BucketPolicy, units: number): number {
  return units === 0 ? 0 : Math.ceil(units / perMinute);
}
