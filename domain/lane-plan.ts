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

/** What the history of an execution holds: its events, and how many of them are messages from outside. */
export interface HistorySize {
  /** Whether the server suggests to go on in a new execution, for its events or its bytes. */
  readonly isSuggested: boolean;
  readonly length: number;
  readonly messages: number;
}

/** Together with what arrives while steps in flight come to their end, a history stays below 5,000 events. */
const fullLength = 3_000;
const overfullLength = 4_000;
/**
 * A storm of messages is spread over executions: the server takes 10,000 signals of each and refuses the rest, those that
 * matter included. The stacks that come with Ordeal allow 1,500.
 */
const maxMessages = 500;

/**
 * Whether a lane should hand over to the next execution of the workflow: between scripts as soon as the history is long
 * or the server suggests it, inside a script only when it is too long, or messages fill it.
 */
export function shouldHandOver({ isSuggested, length, messages }: HistorySize, isBetweenScripts: boolean): boolean {
  if (messages >= maxMessages) return true;
  return isBetweenScripts ? isSuggested || length >= fullLength : length >= overfullLength;
}
