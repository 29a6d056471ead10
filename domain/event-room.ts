import { findCrossing, type QuotaCrossing, type QuotaLimits } from './quotas.ts';

export interface EventUse {
  readonly storedEvents: number;
  readonly storedMegabytes: number;
  /** Events of each run that is concerned. */
  readonly byRun: ReadonlyMap<string, number>;
}

/** How many more sidecar events an organization, and each of its runs, may store; events are taken one by one. */
export class EventRoom {
  readonly #limits: QuotaLimits;
  readonly #byRun: Map<string, number>;
  readonly #megabytes: number;
  #stored: number;

  constructor(limits: QuotaLimits, use: EventUse) {
    this.#limits = limits;
    this.#byRun = new Map(use.byRun);
    this.#megabytes = Math.floor(use.storedMegabytes);
    this.#stored = use.storedEvents;
  }

  /** Whether so many at once could meet a limit. */
  isShortFor(count: number): boolean {
    return [undefined, ...this.#byRun.keys()].some((runId) => this.#crossing(runId, count) !== undefined);
  }

  /** Takes room for one event, or says which quota has none. */
  take(runId: string | undefined): QuotaCrossing | undefined {
    const crossing = this.#crossing(runId, 1);
    if (crossing !== undefined) return crossing;
    this.#stored += 1;
    if (runId !== undefined) this.#byRun.set(runId, (this.#byRun.get(runId) ?? 0) + 1);
    return undefined;
  }

  #crossing(runId: string | undefined, more: number): QuotaCrossing | undefined {
    return findCrossing(this.#limits, [
      ...(runId === undefined ? [] : [{ quota: 'eventsPerRun', used: this.#byRun.get(runId) ?? 0, more } as const]),
      { quota: 'storedEvents', used: this.#stored, more },
      { quota: 'storageMegabytes', used: this.#megabytes, more: 1 },
    ]);
  }
}
