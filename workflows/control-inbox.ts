import { CancellationScope } from '@temporalio/workflow';

import type { RunRef } from '../activities/run-activities.ts';
import type { ControlChange, RunControl } from '../domain/run-control.ts';
import { bookkeeping } from './run-activity-proxies.ts';

export interface ControlInboxOptions {
  readonly run: RunRef;
  readonly onControl: (control: RunControl) => void;
  /** Whether what arrives is left to the next execution. */
  readonly isHandingOver: () => boolean;
}

/**
 * Takes requests to pause and to resume a run, one after the other. Of those that arrive while one is worked on, the last
 * one counts, so that a storm of signals never becomes a storm of activities.
 */
export class ControlInbox {
  readonly #options: ControlInboxOptions;
  #asked: ControlChange | undefined;
  #working: Promise<void> | undefined;

  constructor(options: ControlInboxOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#working === undefined;
  }

  /** What the next execution is to do. */
  get left(): ControlChange | undefined {
    return this.#asked;
  }

  /** Returns when this, or what came after it, is done, and what is stored is known; at once when it is left to the next execution. */
  ask(change: ControlChange): Promise<void> {
    // Whatever is done tells what is stored: a look is part of it.
    if (change.kind !== 'look' || this.#asked === undefined) this.#asked = change;
    if (this.#working === undefined && !this.#options.isHandingOver()) this.#working = this.#work();
    return this.#working ?? Promise.resolve();
  }

  async #work(): Promise<void> {
    const { run, onControl, isHandingOver } = this.#options;
    try {
      while (this.#asked !== undefined && !isHandingOver()) {
        const change = this.#asked;
        this.#asked = undefined;
        onControl(await CancellationScope.nonCancellable(() => bookkeeping.changeControl({ ...run, change })));
      }
    } catch {
      // The activity has logged why. The ledger does not need the workflow to be shut or open.
    } finally {
      this.#working = undefined;
    }
  }
}
