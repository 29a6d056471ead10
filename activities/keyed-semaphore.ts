/**
 * Counting semaphores by key: at most `limit` holders of a key at once, first come, first served.
 *
 * It bounds what one process does at once; `runtime/limits/shared-places.ts` bounds what all of them do together.
 */
export class KeyedSemaphore {
  readonly #keys = new Map<string, { held: number; readonly waiting: Set<() => void> }>();

  /** Waits for a place; rejects with the signal's reason when it is aborted before. Call the result once, to release. */
  async acquire(key: string, limit: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const state = this.#keys.get(key) ?? { held: 0, waiting: new Set() };
    this.#keys.set(key, state);
    // A place that is released while somebody waits is handed over, so that nobody can slip in between.
    if (state.held >= limit) await this.#wait(state.waiting, signal);
    else state.held += 1;
    return () => this.#release(key);
  }

  #wait(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const grant = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        waiting.delete(grant);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.add(grant);
    });
  }

  #release(key: string): void {
    const state = this.#keys.get(key);
    if (state === undefined) return;
    const [next] = state.waiting;
    if (next !== undefined) {
      state.waiting.delete(next);
      next();
      return;
    }
    state.held -= 1;
    if (state.held === 0) this.#keys.delete(key);
  }
}
