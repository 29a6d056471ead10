import { describe, expect, it } from 'vitest';

import { decideAfterFailure, type AttemptLimits, type FailedAttempt } from './attempt-policy.ts';

const limits: AttemptLimits = { isTargetIdempotent: false, attemptNo: 1, maxAttempts: 3, elapsedMs: 0, stepDeadlineMs: 60_000 };
const serverError: FailedAttempt = { failure: 'target_error', wasSent: true, retryAfterSeconds: null, status: 500 };
const timeout: FailedAttempt = { failure: 'headers_timeout', wasSent: true, retryAfterSeconds: null, status: null };

describe('decideAfterFailure', () => {
  it('waits 2 s, then 4 s, then gives up', () => {
    const decisions = [1, 2, 3].map((attemptNo) => decideAfterFailure(serverError, { ...limits, attemptNo }));
    expect(decisions).toEqual([
      { kind: 'retry', state: 'failed', delayMs: 2_000 },
      { kind: 'retry', state: 'failed', delayMs: 4_000 },
      { kind: 'give_up', state: 'failed' },
    ]);
  });

  it('does not send again after the first byte when the outcome is unknown', () => {
    expect(decideAfterFailure(timeout, limits)).toEqual({ kind: 'give_up', state: 'indeterminate' });
  });

  it('sends again to a target that is declared idempotent', () => {
    expect(decideAfterFailure(timeout, { ...limits, isTargetIdempotent: true })).toMatchObject({ kind: 'retry', state: 'indeterminate' });
  });

  it('sends again what certainly never left', () => {
    const refused: FailedAttempt = { failure: 'connect_refused', wasSent: false, retryAfterSeconds: null, status: null };
    expect(decideAfterFailure(refused, limits)).toEqual({ kind: 'retry', state: 'failed', delayMs: 2_000 });
  });

  it('takes a gateway that lost the agent for an unknown outcome', () => {
    expect(decideAfterFailure({ ...serverError, status: 504 }, limits)).toEqual({ kind: 'give_up', state: 'indeterminate' });
  });

  it('honours Retry-After within the deadline of the step, and does not begin a longer wait', () => {
    const limited: FailedAttempt = { failure: 'target_rate_limited', wasSent: true, retryAfterSeconds: 10, status: 429 };
    expect(decideAfterFailure(limited, limits)).toMatchObject({ kind: 'retry', delayMs: 10_000 });
    expect(decideAfterFailure({ ...limited, retryAfterSeconds: 61 }, limits)).toMatchObject({ kind: 'give_up' });
    expect(decideAfterFailure(limited, { ...limits, elapsedMs: 55_000 })).toMatchObject({ kind: 'give_up' });
  });

  it('never retries what cannot succeed', () => {
    const rejected: FailedAttempt = { failure: 'target_rejected', wasSent: true, retryAfterSeconds: null, status: 403 };
    expect(decideAfterFailure(rejected, limits)).toEqual({ kind: 'give_up', state: 'failed' });
  });
});
