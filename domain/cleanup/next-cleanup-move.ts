import { failures, type FailureName } from '../failures.ts';

/** One request of a cleanup, as the ledger has it. */
export interface CleanupAttempt {
  readonly state: 'answered' | 'failed' | 'indeterminate';
  readonly failure: FailureName | null;
  readonly detail: string | null;
  /** The target's own wish, from `Retry-After`. */
  readonly retryAfterSeconds: number | null;
  readonly closedAgoMs: number;
}

export interface CleanupProgress {
  /** Oldest first. */
  readonly attempts: readonly CleanupAttempt[];
  readonly isRepeatable: boolean;
  /** Until the time for cleaning up is over. */
  readonly leftMs: number;
}

export type CleanupMove =
  | { readonly kind: 'send'; readonly attemptNo: number }
  | { readonly kind: 'wait'; readonly afterMs: number }
  | { readonly kind: 'settle'; readonly state: 'cleaned' }
  | {
      readonly kind: 'settle';
      readonly state: 'failed' | 'indeterminate';
      readonly failure: FailureName | null;
      readonly detail: string | null;
    };

/** Requests of one cleanup at most. */
export const maxCleanupAttempts = 3;
const firstRetryDelayMs = 2_000;
/** Cleanups go one after the other: a target that wants to be left alone for longer is not waited for. */
const longestRetryAfterSeconds = 60;

/**
 * What a cleanup needs next. It depends on nothing but its ledger, so that any worker goes on where another one died.
 *
 * What was answered with an error that may pass, or certainly did not arrive, is tried again. When that is unknown, only what
 * may be repeated is, under the same `Idempotency-Key`.
 */
export function nextCleanupMove({ attempts, isRepeatable, leftMs }: CleanupProgress): CleanupMove {
  const last = attempts.at(-1);
  if (last === undefined) return { kind: 'send', attemptNo: 1 };
  if (last.state === 'answered') return { kind: 'settle', state: 'cleaned' };
  const { state, failure, detail } = last;
  const givenUp = { kind: 'settle', state, failure, detail } as const;
  const mayRepeat = state === 'indeterminate' ? isRepeatable : failure !== null && failures[failure].retryable;
  const retryAfterSeconds = last.retryAfterSeconds ?? 0;
  if (!mayRepeat || attempts.length >= maxCleanupAttempts || retryAfterSeconds > longestRetryAfterSeconds) return givenUp;
  const delayMs = Math.max(firstRetryDelayMs * 2 ** (attempts.length - 1), retryAfterSeconds * 1_000);
  const afterMs = delayMs - last.closedAgoMs;
  if (afterMs <= 0) return { kind: 'send', attemptNo: attempts.length + 1 };
  return afterMs > leftMs ? givenUp : { kind: 'wait', afterMs };
}
