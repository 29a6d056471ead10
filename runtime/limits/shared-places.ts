import { randomUUID } from 'node:crypto';

import { RedisAway, type RedisLink } from '../redis/redis-link.ts';
import { FairQueue } from './fair-queue.ts';
import { freePlaceScript, renewPlacesScript, takePlaceScript } from './place-scripts.ts';

export interface SharedPlacesOptions {
  /** Undefined: this process counts by itself, on purpose. */
  readonly redis: RedisLink | undefined;
  /** How many processes share the places. Each gives out its share when it counts by itself. */
  readonly processes: number;
  /** Places at one origin, for everybody together. */
  readonly perOrigin: number;
  /** After so long without renewal the place of a process that died is free. Default 15 s. */
  readonly leaseMs?: number;
}

export interface PlaceRequest {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Groups take turns at an origin. */
  readonly group: string;
  /** A part of the origin that has fewer places, such as one target. */
  readonly part: { readonly name: string; readonly places: number };
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly request: PlaceRequest;
  readonly grant: (release: () => void) => void;
}

interface Gate {
  held: number;
  readonly waiting: FairQueue<Waiter>;
  isServing: boolean;
  /** Ends the pause before the next try. */
  wake: () => void;
}

const defaultLeaseMs = 15_000;
/** How soon a full origin is looked at again, where another process may have left it; half of it is chance. */
const retryMs = 30;
const originFull = 1;
/** Since when a Redis knows places. */
const sinceKey = 'places:since';

/**
 * Bounds the requests at one origin, over all organizations and all processes. Taking a place is one round trip to Redis;
 * giving it back is waited for by nobody. A process that dies gives its places back by not renewing them. While Redis is
 * away each process gives out its share by itself.
 */
export class SharedPlaces {
  readonly #options: SharedPlacesOptions;
  readonly #gates = new Map<string, Gate>();
  /** Keys of each place that this process holds. */
  readonly #held = new Map<string, readonly string[]>();
  readonly #renewing: NodeJS.Timeout;
  /** Whether places were taken that Redis was not told of. */
  #hasUntold = false;

  constructor(options: SharedPlacesOptions) {
    this.#options = options;
    this.#renewing = setInterval(() => void this.#renew(), this.#leaseMs / 3);
    this.#renewing.unref();
  }

  /** Waits for a place; rejects with the signal's reason when it is aborted before. Call the result once, to release. */
  async acquire(request: PlaceRequest): Promise<() => void> {
    const { origin, group, signal } = request;
    signal.throwIfAborted();
    const gate = this.#gates.get(origin) ?? { held: 0, waiting: new FairQueue<Waiter>(), isServing: false, wake: ignore };
    this.#gates.set(origin, gate);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        gate.waiting.remove(group, waiter);
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        request,
        grant: (release) => {
          signal.removeEventListener('abort', giveUp);
          resolve(release);
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      gate.waiting.add(group, waiter);
      void this.#serve(origin, gate);
    });
  }

  close(): void {
    clearInterval(this.#renewing);
  }

  get #leaseMs(): number {
    return this.#options.leaseMs ?? defaultLeaseMs;
  }

  async #serve(origin: string, gate: Gate): Promise<void> {
    if (gate.isServing) return;
    gate.isServing = true;
    while (!gate.waiting.isEmpty) {
      if (!(await this.#grantOne(gate))) await pause(gate);
    }
    gate.isServing = false;
    if (gate.held === 0) this.#gates.delete(origin);
  }

  /** Gives one place to whoever's turn it is and can have one; false when nobody can. */
  async #grantOne(gate: Gate): Promise<boolean> {
    for (const { group, item: waiter } of gate.waiting.heads()) {
      const id = randomUUID();
      const taken = await this.#take(gate, id, waiter.request);
      if (taken === originFull) return false;
      if (taken !== 0) continue;
      const release = this.#hold(gate, id, waiter.request);
      if (waiter.request.signal.aborted) {
        release();
        return true;
      }
      gate.waiting.serve(group, waiter);
      waiter.grant(release);
      return true;
    }
    return false;
  }

  /** 0: taken. Else the number of what is full: the origin, or the part of it. */
  async #take(gate: Gate, id: string, request: PlaceRequest): Promise<number> {
    const { redis, perOrigin, processes } = this.#options;
    const share = Math.max(1, Math.floor(perOrigin / processes));
    const mayAlone = gate.held < share;
    const alone = mayAlone ? 0 : originFull;
    if (redis === undefined) return alone;
    if (gate.held >= perOrigin) return originFull;
    try {
      if (this.#hasUntold) await this.#tell(redis);
      const args = [id, this.#leaseMs, this.#leaseMs / 2, Number(mayAlone), perOrigin, request.part.places];
      return (await redis.run(takePlaceScript, [sinceKey, ...keysOf(request)], args)) as number;
    } catch (error) {
      if (!(error instanceof RedisAway)) throw error;
      this.#hasUntold = true;
      return alone;
    }
  }

  #hold(gate: Gate, id: string, request: PlaceRequest): () => void {
    gate.held += 1;
    this.#held.set(id, keysOf(request));
    return () => {
      gate.held -= 1;
      this.#held.delete(id);
      // One that is not given back because Redis is away ends with its lease.
      this.#options.redis?.run(freePlaceScript, keysOf(request), [id]).catch(ignore);
      gate.wake();
      if (gate.held === 0 && !gate.isServing) this.#gates.delete(request.origin);
    };
  }

  async #renew(): Promise<void> {
    const { redis } = this.#options;
    if (redis !== undefined) await this.#tell(redis).catch(ignore);
  }

  /** Also makes known to a Redis that came back, or was flushed, which places are held. */
  async #tell(redis: RedisLink): Promise<void> {
    const pairs = [...this.#held].flatMap(([id, keys]) => keys.map((key) => ({ id, key })));
    const keys = pairs.map(({ key }) => key);
    if (pairs.length > 0) await redis.run(renewPlacesScript, keys, [this.#leaseMs, ...pairs.map(({ id }) => id)]);
    this.#hasUntold = false;
  }
}

function keysOf({ origin, part }: PlaceRequest): readonly string[] {
  return [`places:origin:${origin}`, `places:part:${part.name}`];
}

/** Until a place of this process is given back, or some time has passed. */
function pause(gate: Gate): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      gate.wake = ignore;
      resolve();
    };
    const timer = setTimeout(done, retryMs * (0.5 + Math.random()));
    gate.wake = done;
  });
}

/** Redis may be away at any time; what that means is said where it matters. */
function ignore(): void {}
