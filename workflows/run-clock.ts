import { condition } from '@temporalio/workflow';

/** How long a run may still take. It can be stopped, and what is left then is left afterwards too. */
export class RunClock {
  #deadlineMs: number | undefined;
  #isStopped = false;

  /** Sets what is left, and lets it run. */
  start(remainingMs: number): void {
    this.#deadlineMs = Date.now() + remainingMs;
    this.#isStopped = false;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** `null` before it was started. While it stands still, the deadline is as it was when it stopped. */
  get deadlineMs(): number | null {
    return this.#deadlineMs ?? null;
  }

  /** Returns when the time is over. */
  async runOut(): Promise<void> {
    for (;;) {
      await condition(() => !this.#isStopped);
      const deadlineMs = this.#deadlineMs ?? 0;
      const isDisturbed = await condition(() => this.#isStopped || this.#deadlineMs !== deadlineMs, Math.max(1, deadlineMs - Date.now()));
      if (!isDisturbed) return;
    }
  }
}
