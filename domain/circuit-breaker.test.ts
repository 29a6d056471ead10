import { describe, expect, it } from 'vitest';

import { nextFaultCount, type BreakerStep } from './circuit-breaker.ts';
import { failureOutcome } from './failure-outcome.ts';
import type { FailureName } from './failures.ts';

const answered: BreakerStep = { outcome: 'resisted', isTargetFault: false };

function count(...steps: BreakerStep[]): number {
  return steps.reduce(nextFaultCount, 0);
}

describe('nextFaultCount', () => {
  it('counts faults in a row, rejections included', () => {
    expect(count(failureOutcome('target_error'), failureOutcome('target_rejected'), failureOutcome('target_rate_limited'))).toBe(3);
  });

  it('starts again with a verdict', () => {
    expect(count(failureOutcome('target_error'), answered, failureOutcome('target_error'))).toBe(1);
    expect(count(failureOutcome('target_error'), { outcome: 'vulnerable', isTargetFault: false })).toBe(0);
  });

  it.each<FailureName>(['worker_shutting_down', 'database_unavailable', 'indeterminate', 'step_fenced'])(
    'neither counts %s nor starts again with it',
    (own) => {
      expect(count(failureOutcome('target_error'), failureOutcome(own), failureOutcome('target_error'))).toBe(2);
    },
  );

  it('does not start again with an answer that could not be judged', () => {
    expect(count(failureOutcome('target_error'), { outcome: 'inconclusive', isTargetFault: false })).toBe(1);
  });
});
