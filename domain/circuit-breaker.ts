import { isJudged, type Outcome } from './outcome.ts';

/** What the breaker looks at of a step that has ended. */
export interface BreakerStep {
  readonly outcome: Outcome;
  /** See `failureOutcome`. */
  readonly isTargetFault: boolean;
}

/**
 * The number of target faults in a row after one more step, over all lanes of a run in the order in which steps end.
 * At the run's `circuitBreakerThreshold` the run ends `incomplete`.
 *
 * Only a verdict shows that the target works and starts the count again; a failure of our own, or an answer that could
 * not be judged, neither counts nor starts it again.
 */
export function nextFaultCount(consecutiveFaults: number, { outcome, isTargetFault }: BreakerStep): number {
  if (isTargetFault) {
    return consecutiveFaults + 1;
  }
  return isJudged(outcome) ? 0 : consecutiveFaults;
}
