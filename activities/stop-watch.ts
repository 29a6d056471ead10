import { listStoppingRuns } from '../db/system-queries.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import type { RunId } from '../domain/ids.ts';

/** What aborts a request because its run takes no further one. */
class RunStopping extends Error {
  constructor(runId: RunId) {
    super(`The run ${runId} is stopping`);
    this.name = 'RunStopping';
  }
}

interface Watched {
  readonly controller: AbortController;
  holders: number;
}

const pollEveryMs = 200;

/**
 * Watches the runs that this worker has requests of, and aborts those requests when a run is stopped.
 *
 * One query for all of them every 200 ms. Temporal's own cancellation says the same, a heartbeat or two later: while
 * the database cannot be read the watch is silent, and the ledger lets nothing be sent either.
 */
export class StopWatch {
  readonly #database: TenantDatabase;
  readonly #watched = new Map<RunId, Watched>();
  #isPolling = false;

  constructor(database: TenantDatabase) {
    this.#database = database;
  }

  /** A signal that aborts when the run is stopping. Call `release` when the request is over. */
  watch(runId: RunId): { readonly signal: AbortSignal; readonly release: () => void } {
    const watched = this.#watched.get(runId) ?? { controller: new AbortController(), holders: 0 };
    watched.holders += 1;
    this.#watched.set(runId, watched);
    this.#schedule();
    return { signal: watched.controller.signal, release: () => this.#release(runId, watched) };
  }

  #release(runId: RunId, watched: Watched): void {
    watched.holders -= 1;
    if (watched.holders === 0 && this.#watched.get(runId) === watched) this.#watched.delete(runId);
  }

  #schedule(): void {
    if (this.#isPolling) return;
    this.#isPolling = true;
    setTimeout(() => void this.#poll(), pollEveryMs);
  }

  async #poll(): Promise<void> {
    try {
      for (const runId of await listStoppingRuns(this.#database, [...this.#watched.keys()])) {
        this.#watched.get(runId)?.controller.abort(new RunStopping(runId));
        this.#watched.delete(runId);
      }
    } catch {
      // The next poll tries again; see the class comment for what holds meanwhile.
    } finally {
      this.#isPolling = false;
      if (this.#watched.size > 0) this.#schedule();
    }
  }
}
