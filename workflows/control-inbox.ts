import { CancellationScope } from '@temporalio/workflow';

import type { ControlChange, RunControl } from '../domain/run-control.ts';
import { bookkeeping } from './run-activity-proxies.ts';
import type { RunWorkflowInput } from './run-messages.ts';

/**
 * Takes requests to pause and to resume a run, one after the other. Of those that arrive while one is worked on, the last
 * one counts, so that a storm of signals never becomes a storm of activities.
 */
export class ControlInbox {
  readonly #run: Pick<RunWorkflowInput, 'orgId' | 'runId'>;
  readonly #onControl: (control: RunControl) => void;
  #asked: ControlChange | undefined;
  #working: Promise<void> | undefined;

  constructor(run: Pick<RunWorkflowInput, 'orgId' | 'runId'>, onControl: (control: RunControl) => void) {
    this.#run = run;
    this.#onControl = onControl;
  }

  /** Returns when this, or what came after it, is done, and what is stored is known. */
  ask(change: ControlChange): Promise<void> {
    // Whatever is done tells what is stored: a look is part of it.
    if (change.kind !== 'look' || this.#asked === undefined) this.#asked = change;
    this.#working ??= this.#work();
    return this.#working;
  }

  async #work(): Promise<void> {
    try {
      while (this.#asked !== undefined) {
        const change = this.#asked;
        this.#asked = undefined;
        this.#onControl(await CancellationScope.nonCancellable(() => bookkeeping.changeControl({ ...this.#run, change })));
      }
    } catch {
      // The activity has logged why. The ledger does not need the workflow to be shut or open.
    } finally {
      this.#working = undefined;
    }
  }
}
