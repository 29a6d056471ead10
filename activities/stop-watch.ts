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

/** Which requests of a run: those of its steps end with a stop, those that clean up with a stop of that. */
export type WatchedPart = 'steps' | 'cleanup';

interface Watched {
  readonly runId: RunId;
  readonly part: WatchedPart;
  readonly stopping: AbortController;
  pausing: AbortController;
  now: WatchedRun | undefined;
  holders: number;
}

const pollEveryMs = 200;

/**
 * Watches the runs that this worker has requests of: aborts those requests when a run is stopped, lets none of its steps start
 * while it is paused, and gives it as many places as it has now.
 *
 * One query for all of them every 200 ms. Temporal's own cancellation says the same, a heartbeat or two later: while
 * the database cannot be read the watch is silent, and the ledger lets nothing be sent either.
 */
export class StopWatch {
  readonly #database: TenantDatabase;
  readonly #semaphore: KeyedSemaphore;
  readonly #watched = new Map<string, Watched>();
  #isPolling = false;

  constructor(database: TenantDatabase, semaphore: KeyedSemaphore) {
    this.#database = database;
    this.#semaphore = semaphore;
  }

  watch(runId: RunId, part: WatchedPart = 'steps'): RunWatch {
    const watched = this.#watched.get(keyOf(runId, part)) ?? newWatched(runId, part);
    watched.holders += 1;
    // Whoever comes now has seen that the run is not paused any more.
    if (watched.pausing.signal.aborted) watched.pausing = new AbortController();
    this.#watched.set(keyOf(runId, part), watched);
    this.#schedule();
    return {
      signal: watched.stopping.signal,
      pausing: watched.pausing.signal,
      get now() {
        return watched.now;
      },
      release: () => this.#release(watched),
    };
  }

  /** Looks at all runs now: afterwards the signals of those that were stopped or paused by then are aborted. Throws when it cannot. */
  async look(): Promise<void> {
    const runIds = new Set([...this.#watched.values()].map(({ runId }) => runId));
    for (const run of await listWatchedRuns(this.#database, [...runIds])) this.#apply(run);
  }

  #release(watched: Watched): void {
    watched.holders -= 1;
    if (watched.holders === 0) this.#forget(watched);
  }

  #forget(watched: Watched): void {
    const key = keyOf(watched.runId, watched.part);
    if (this.#watched.get(key) === watched) this.#watched.delete(key);
  }

  #schedule(): void {
    if (this.#isPolling) return;
    this.#isPolling = true;
    setTimeout(() => void this.#poll(), pollEveryMs);
  }

  async #poll(): Promise<void> {
    try {
      await this.look();
    } catch {
      // The next poll tries again; see the class comment for what holds meanwhile.
    } finally {
      this.#isPolling = false;
      if (this.#watched.size > 0) this.#schedule();
    }
  }

  #apply(run: WatchedRun): void {
    const { runId } = run;
    this.#semaphore.resize(`run/${runId}`, run.concurrency);
    const steps = this.#watched.get(keyOf(runId, 'steps'));
    if (steps !== undefined) {
      steps.now = run;
      if (run.isPaused) steps.pausing.abort(new RunTakesNone(runId, 'paused'));
      if (run.isStopping) this.#end(steps);
    }
    const cleanup = this.#watched.get(keyOf(runId, 'cleanup'));
    if (cleanup !== undefined) {
      cleanup.now = run;
      if (run.isCleanupStopping) this.#end(cleanup);
    }
  }

  #end(watched: Watched): void {
    watched.stopping.abort(new RunTakesNone(watched.runId, 'stopping'));
    this.#forget(watched);
  }
}

function keyOf(runId: RunId, part: WatchedPart): string {
  return `${part}/${runId}`;
}

function newWatched(runId: RunId, part: WatchedPart): Watched {
  return { runId, part, stopping: new AbortController(), pausing: new AbortController(), now: undefined, holders: 0 };
}
