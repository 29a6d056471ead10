import type { BucketPolicy } from './token-bucket.ts';
import type { WindowPolicy } from './sliding-window.ts';

/**
 * What kinds of request are counted apart, per principal.
 *
 * - `read`: changes nothing.
 * - `write`: changes what is stored.
 * - `execute`: makes Ordeal send requests to a target.
 * - `sign_in`: a key or token that turned out wrong, per key id and address of the client.
 * - `decision`: a decision about an approval, by key or by token.
 */
export const rateClasses = ['read', 'write', 'execute', 'sign_in', 'decision'] as const;
export type RateClass = (typeof rateClasses)[number];

export const defaultRatePolicies: Readonly<Record<RateClass, BucketPolicy>> = {
  read: { perMinute: 100, burst: 20 },
  write: { perMinute: 60, burst: 10 },
  execute: { perMinute: 30, burst: 5 },
  sign_in: { perMinute: 10, burst: 5 },
  decision: { perMinute: 60, burst: 10 },
};

/**
 * Whether a request is refused while the shared limiter is away, instead of being counted by this process alone: where
 * the limit is what makes guessing hopeless, it must not get weaker by pulling a plug.
 */
export function failsClosed(rateClass: RateClass): boolean {
  return rateClass === 'sign_in' || rateClass === 'decision';
}

export const defaultEventsPerMinute = 300;
const minuteMs = 60_000;
const eventSlotMs = 100;

/** Events of one sidecar token. */
export function eventWindow(perMinute: number): WindowPolicy {
  return { limit: perMinute, windowMs: minuteMs, slotMs: eventSlotMs };
}

/** What one of `processes` may give out by itself, so that all of them together stay within the whole. */
export function shareOfBucket({ perMinute, burst }: BucketPolicy, processes: number): BucketPolicy {
  // A bucket that gains nothing would never open again; one token a minute is the least that can be shared.
  return { perMinute: Math.max(1, Math.floor(perMinute / processes)), burst: Math.floor(burst / processes) };
}

/** What one of `processes` may give out by itself, so that all of them together stay within the whole. */
export function shareOfWindow(policy: WindowPolicy, processes: number): WindowPolicy {
  return { ...policy, limit: Math.floor(policy.limit / processes) };
}
