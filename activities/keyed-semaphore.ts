interface Waiter {
  limit: number;
  readonly grant: () => void;
}

interface Places {
  held: number;
  /** First come, first served. */
  readonly waiting: Set<Waiter>;
}

/**
 * Counting semaphores by key: at most `limit` holders of a key at once, first come, first served.
 *
 * It bounds what one process does at once; `runtime/limits/shared-places.ts` bounds what all of them do together.
 */
export class KeyedSemaphore {
  readonly #keys = new Map<string, Places>();

  /** Waits for a place; rejects with the signal's reason when it is aborted before. Call the result once, to release. */
  async acquire(key: string, limit: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const places = this.#keys.get(key) ?? { held: 0, waiting: new Set() };
    this.#keys.set(key, places);
    if (places.held >= limit) await wait(places, limit, signal);
    else places.held += 1;
    return () => this.#release(key, places);
  }

  /** Changes the limit for those who wait. Fewer places than holders take nothing away: they are not given on. */
  resize(key: string, limit: number): void {
    const places = this.#keys.get(key);
    if (places === undefined) return;
    for (const waiter of places.waiting) waiter.limit = limit;
    serve(places);
  }

  #release(key: string, places: Places): void {
    places.held -= 1;
    serve(places);
    if (places.held === 0 && places.waiting.size === 0) this.#keys.delete(key);
  }
}

function wait(places: Places, limit: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const waiter: Waiter = {
      limit,
      grant: () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      },
    };
    const giveUp = (): void => {
      places.waiting.delete(waiter);
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    places.waiting.add(waiter);
  });
}

/** A place that is granted counts as held at once, so that nobody can slip in between. */
function serve(places: Places): void {
  for (const waiter of places.waiting) {
    if (places.held >= waiter.limit) return;
    places.waiting.delete(waiter);
    places.held += 1;
    waiter.grant();
  }
}
