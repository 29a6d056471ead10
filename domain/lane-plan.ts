/** A script instance being worked on: `position` is the step to do next, from 0. */
export interface LaneCursor {
  readonly sequenceNo: number;
  readonly script: string;
  readonly steps: number;
  readonly position: number;
}

/**
 * How many steps to keep scheduled for `concurrency` requests at once.
 *
 * A lane that schedules its next step only when the last has ended pays the round trip of a workflow task every time
 * (measured: 12.5 s where 10 s are ideal). With half as many again the worker always has a step ready; its semaphore
 * holds the target at `concurrency` (10.35 s).
 */
export function lanesToSchedule(concurrency: number): number {
  return Math.ceil(concurrency * 1.5);
}

/** History length at which even a script in progress is cut; the server ends a workflow at 51,200 events. */
const hardHistoryLimit = 16_000;

/**
 * Whether a lane should hand over to the next execution of the workflow: between scripts as soon as the server
 * suggests it, inside a script only when it is so long that the history would not hold it.
 */
export function shouldHandOver(history: { readonly isSuggested: boolean; readonly length: number }, isBetweenScripts: boolean): boolean {
  return isBetweenScripts ? history.isSuggested : history.length >= hardHistoryLimit;
}
