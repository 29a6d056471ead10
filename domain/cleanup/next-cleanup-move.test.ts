import { describe, expect, it } from 'vitest';

import { maxCleanupAttempts, nextCleanupMove, type CleanupAttempt, type CleanupProgress } from './next-cleanup-move.ts';

const failed: CleanupAttempt = { state: 'failed', failure: 'target_error', detail: 'HTTP 503', retryAfterSeconds: null, closedAgoMs: 0 };
const lost: CleanupAttempt = { ...failed, state: 'indeterminate', failure: 'indeterminate', detail: 'gone' };
const answered: CleanupAttempt = { ...failed, state: 'answered', failure: null, detail: null };

function moveAfter(attempts: readonly CleanupAttempt[], overrides: Partial<CleanupProgress> = {}) {
  return nextCleanupMove({ attempts, isRepeatable: true, leftMs: 600_000, ...overrides });
}

describe('nextCleanupMove', () => {
  it('sends what was never sent', () => {
    expect(moveAfter([])).toEqual({ kind: 'send', attemptNo: 1 });
  });

  it('is done with an answer', () => {
    expect(moveAfter([failed, answered])).toEqual({ kind: 'settle', state: 'cleaned' });
  });

  it('waits twice as long each time, from when the request ended, and then sends again', () => {
    expect(moveAfter([failed])).toEqual({ kind: 'wait', afterMs: 2_000 });
    expect(moveAfter([failed, { ...failed, closedAgoMs: 1_000 }])).toEqual({ kind: 'wait', afterMs: 3_000 });
    expect(moveAfter([{ ...failed, closedAgoMs: 2_000 }])).toEqual({ kind: 'send', attemptNo: 2 });
  });

  it('waits as long as the target asks for, up to a minute', () => {
    expect(moveAfter([{ ...failed, retryAfterSeconds: 7 }])).toEqual({ kind: 'wait', afterMs: 7_000 });
    expect(moveAfter([{ ...failed, retryAfterSeconds: 61 }])).toMatchObject({ kind: 'settle', state: 'failed' });
  });

  it('gives up after three requests', () => {
    const attempts = Array.from({ length: maxCleanupAttempts }, () => ({ ...failed, closedAgoMs: 60_000 }));
    expect(moveAfter(attempts)).toEqual({ kind: 'settle', state: 'failed', failure: 'target_error', detail: 'HTTP 503' });
  });

  it('repeats what has an unknown end only where that is harmless', () => {
    expect(moveAfter([{ ...lost, closedAgoMs: 9_000 }])).toEqual({ kind: 'send', attemptNo: 2 });
    expect(moveAfter([{ ...lost, closedAgoMs: 9_000 }], { isRepeatable: false })).toMatchObject({ kind: 'settle', state: 'indeterminate' });
  });

  it('tries again what was answered with an error that may pass, whatever its method', () => {
    expect(moveAfter([{ ...failed, closedAgoMs: 9_000 }], { isRepeatable: false })).toEqual({ kind: 'send', attemptNo: 2 });
  });

  it('does not try again what cannot succeed', () => {
    expect(moveAfter([{ ...failed, failure: 'target_config_invalid', closedAgoMs: 9_000 }])).toMatchObject({
      kind: 'settle',
      state: 'failed',
    });
  });

  it('begins no wait that ends after the time for cleaning up', () => {
    expect(moveAfter([failed], { leftMs: 1_000 })).toMatchObject({ kind: 'settle', state: 'failed' });
  });
});
