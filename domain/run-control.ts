import type { RunOptions } from './run-options.ts';

/** How a run is to be worked on just now. Times by the clock of the database. */
export interface RunControl extends Pick<RunOptions, 'concurrency'> {
  /** Grows with every change: what has a lower one is out of date. */
  readonly version: number;
  readonly isPaused: boolean;
  /** Until the duration cap, which stands still while the run is paused; 0 when it is over. */
  readonly remainingMs: number;
  /** For how long it may still be paused; 0 when that is used up. */
  readonly pauseLeftMs: number;
}

/** A change of control that a person or machine asks for; `look` changes nothing and tells what is stored. */
export type ControlChange =
  | { readonly kind: 'look' }
  | { readonly kind: 'pause'; readonly by: string }
  | { readonly kind: 'resume'; readonly by: string };
