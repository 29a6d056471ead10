import { listWatchedRuns, type WatchedRun } from '../db/system-queries.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import type { RunId } from '../domain/ids.ts';
import type { KeyedSemaphore } from './keyed-semaphore.ts';

/** What a request that is being prepared or is in flight has to know of its run. */
export interface RunWatch {
  /** Aborts when the run is stopping. */
  readonly signal: AbortSignal;
  /** Aborts when the run is paused: what has not been sent is not to be sent. */
  readonly pausing: AbortSignal;
  /** How the run is to be worked on; undefined before the first look. */
  readonly now: WatchedRun | undefined;
  /** To be called when the request is over. */
  readonly release: () => void;
}

/** What aborts a request because its run takes no further one. */
class RunTakesNone extends Error {
  constructor(runId: RunId, why: 'stopping' | 'paused') {
    super(`The run ${runId} is ${why}`);
    this.name = 'RunTakesNone';
  }
}

interface Watched {
  readonly stopping: AbortController;
  pausing: AbortController;
  now: WatchedRun | undefined;
  holders: number;
}

const pollEveryMs = 200;

/**
 * Watches the runs that this worker has requests of: aborts those requests when a run is stopped, lets none start while it is
 * paused, and gives it as many places as it has now.
 *
 * One query for all of them every 200 ms. Temporal's own cancellation says the same, a heartbeat or two later: while
 * the database cannot be read the watch is silent, and the ledger lets nothing be sent either.
 */
export class StopWatch {
  readonly #database: TenantDatabase;
  readonly #semaphore: KeyedSemaphore;
  readonly #watched = new Map<RunId, Watched>();
  #isPolling = false;

  constructor(database: TenantDatabase, semaphore: KeyedSemaphore) {
    this.#database = database;
    this.#semaphore = semaphore;
  }

  watch(runId: RunId): RunWatch {
    const watched = this.#watched.get(runId) ?? newWatched();
    watched.holders += 1;
    // Whoever comes now has seen that the run is not paused any more.
    if (watched.pausing.signal.aborted) watched.pausing = new AbortController();
    this.#watched.set(runId, watched);
    this.#schedule();
    return {
      signal: watched.stopping.signal,
      pausing: watched.pausing.signal,
      get now() {
        return watched.now;
      },
      release: () => this.#release(runId, watched),
    };
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
      for (const run of await listWatchedRuns(this.#database, [...this.#watched.keys()])) this.#apply(run);
    } catch {
      // The next poll tries again; see the class comment for what holds meanwhile.
    } finally {
      this.#isPolling = false;
      if (this.#watched.size > 0) this.#schedule();
    }
  }

  #apply(run: WatchedRun): void {
    const { runId } = run;
    const watched = this.#watched.get(runId);
    if (watched === undefined) return;
    watched.now = run;
    this.#semaphore.resize(`run/${runId}`, run.concurrency);
    if (run.isPaused) watched.pausing.abort(new RunTakesNone(runId, 'paused'));
    if (!run.isStopping) return;
    watched.stopping.abort(new RunTakesNone(runId, 'stopping'));
    this.#watched.delete(runId);
  }
}

function newWatched(): Watched {
  return { stopping: new AbortController(), pausing: new AbortController(), now: undefined, holders: 0 };
}
