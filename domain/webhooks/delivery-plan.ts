import type { FailureName } from '../failures.ts';

export const deliveryStatuses = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** How an attempt to deliver ended: with the status of an answer, or without one. */
export interface AttemptEnd {
  readonly status: number | null;
  readonly failure: FailureName | null;
  /** What the receiver asks for, by `Retry-After`. */
  readonly retryAfterSeconds: number | null;
}

export type NextDelivery =
  | { readonly kind: 'delivered' }
  /** The receiver wants nothing more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'retry'; readonly afterSeconds: number }
  /** There will be no further attempt unless somebody asks for it. */
  | { readonly kind: 'failed' };

/** Between one attempt and the next: 10 s, 1 min, 5 min, 30 min, 2 h, 6 h, 15 h; 23.6 hours in all. */
export const retryDelaysSeconds = [10, 60, 300, 1_800, 7_200, 21_600, 54_000] as const;
export const maxAttempts = retryDelaysSeconds.length + 1;

/** How far chance moves an attempt, as a part of its delay in either direction, so that those of an outage do not come together. */
const jitter = 0.15;

/**
 * What follows the attempt with this number, the first being 1. The status is the acknowledgement: 2xx delivers whatever
 * becomes of the body behind it, and anything else but 410 is tried again. `chance` is a random number in [0, 1).
 */
export function planDelivery(attemptNo: number, end: AttemptEnd, chance: number): NextDelivery {
  if (end.status !== null && end.status >= 200 && end.status <= 299) return { kind: 'delivered' };
  if (end.status === 410) return { kind: 'gone' };
  const delaySeconds = retryDelaysSeconds[attemptNo - 1];
  if (delaySeconds === undefined) return { kind: 'failed' };
  const afterSeconds = Math.round(delaySeconds * (1 - jitter + 2 * jitter * chance));
  return { kind: 'retry', afterSeconds: Math.max(afterSeconds, end.retryAfterSeconds ?? 0) };
}
