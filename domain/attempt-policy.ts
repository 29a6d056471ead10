import { failures, type FailureName } from './failures.ts';

/** What became of one request that did not bring an answer to judge. */
export interface FailedAttempt {
  readonly failure: FailureName;
  /** False only when it is certain that no byte of the request left. */
  readonly wasSent: boolean;
  /** The target's own wish, from `Retry-After`. */
  readonly retryAfterSeconds: number | null;
  /** HTTP status, when the target answered at all. */
  readonly status: number | null;
}

export interface AttemptLimits {
  readonly isTargetIdempotent: boolean;
  /** How many requests the ledger counts for this probe, this one included. */
  readonly attemptNo: number;
  readonly maxAttempts: number;
  /** Since the first request of the probe. */
  readonly elapsedMs: number;
  readonly stepDeadlineMs: number;
}

export type AttemptDecision =
  | { readonly kind: 'retry'; readonly state: 'failed' | 'indeterminate'; readonly delayMs: number }
  | { readonly kind: 'give_up'; readonly state: 'failed' | 'indeterminate' };

const firstRetryDelayMs = 2_000;

/** Statuses with which a gateway says that it lost the agent: whether the agent acted is unknown. */
const lostBehindGateway = new Set([502, 504]);

/**
 * Decides whether a probe is sent again.
 *
 * What certainly did not reach the agent, and what the agent itself answered with an error, may be tried again. When it
 * is unknown whether the agent acted, only a target declared idempotent is asked again (with the same
 * `Idempotency-Key`). A wait that would end after the step's deadline is not begun.
 */
export function decideAfterFailure(attempt: FailedAttempt, limits: AttemptLimits): AttemptDecision {
  const state = isEndUnknown(attempt) ? 'indeterminate' : 'failed';
  if (!failures[attempt.failure].retryable) return { kind: 'give_up', state };
  if (state === 'indeterminate' && !limits.isTargetIdempotent) return { kind: 'give_up', state };
  if (limits.attemptNo >= limits.maxAttempts) return { kind: 'give_up', state };
  const backoffMs = firstRetryDelayMs * 2 ** (limits.attemptNo - 1);
  const delayMs = Math.max(backoffMs, (attempt.retryAfterSeconds ?? 0) * 1_000);
  if (limits.elapsedMs + delayMs > limits.stepDeadlineMs) return { kind: 'give_up', state };
  return { kind: 'retry', state, delayMs };
}

/** Whether nobody can tell if a request that failed has had its effect. */
export function isEndUnknown({ failure, wasSent, status }: Pick<FailedAttempt, 'failure' | 'wasSent' | 'status'>): boolean {
  const isAnswerKnown = failure === 'response_too_large' || failure === 'bad_encoding';
  return wasSent && !isAnswerKnown && (status === null || lostBehindGateway.has(status));
}
