import { CancellationScope, condition } from '@temporalio/workflow';

import type { CleanupMoved, RunRef } from '../activities/run-activities.ts';
import type { RunEnding } from '../domain/run-ending.ts';
import { failureType } from './failure-type.ts';
import { bookkeeping, cleaning } from './run-activity-proxies.ts';

export interface CleanupContext {
  readonly run: RunRef;
  /** Whether the rest is for the next execution. */
  readonly mustHandOver: () => boolean;
}

/**
 * Cleans up what the steps of a run have left behind: one cleanup after the other, in the order that the database keeps. Ends
 * when none waits any more, or when the history is full and the next execution has to go on.
 */
export class RunCleanup {
  readonly #context: CleanupContext;
  #stopping: Promise<void> | undefined;
  #isDisturbed = false;

  constructor(context: CleanupContext) {
    this.#context = context;
  }

  /** Whether no stop is on its way to the database. */
  get isIdle(): boolean {
    return this.#stopping === undefined;
  }

  /** Whatever is waited for, the database is asked again: it may have been stopped there. */
  lookAgain(): void {
    this.#isDisturbed = true;
  }

  /** Ends it. Of those who ask while one of them is heard, the first counts. */
  stop(by: string): void {
    this.#stopping ??= this.#stop(by);
  }

  /** What cannot be cleaned up, for whatever reason, is listed by finalize. */
  async run(ending: RunEnding): Promise<'done' | 'history_full'> {
    try {
      const { pending } = await bookkeeping.beginCleanup({ ...this.#context.run, ending });
      return pending === 0 ? 'done' : await this.#cleanAll();
    } catch {
      return 'done';
    }
  }

  async #cleanAll(): Promise<'done' | 'history_full'> {
    // One move in any case: else a storm of messages could fill one execution after the other, and nothing would be done.
    for (let isFirst = true; isFirst || !this.#context.mustHandOver(); isFirst = false) {
      this.#isDisturbed = false;
      const moved = await this.#makeMove();
      if (moved.kind === 'done') return 'done';
      if (moved.afterMs > 0) await condition(() => this.#isDisturbed || this.#context.mustHandOver(), moved.afterMs);
    }
    return 'history_full';
  }

  async #makeMove(): Promise<CleanupMoved> {
    try {
      return await cleaning.executeCleanup(this.#context.run);
    } catch (error) {
      return bookkeeping.settleBrokenCleanup({ ...this.#context.run, detail: failureType(error) });
    }
  }

  async #stop(by: string): Promise<void> {
    try {
      await CancellationScope.nonCancellable(() => bookkeeping.stopCleanup({ ...this.#context.run, by }));
    } catch {
      // The activity has logged why.
    } finally {
      this.#stopping = undefined;
      this.lookAgain();
    }
  }
}
