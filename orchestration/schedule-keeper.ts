import { listStandingSchedules, listUnsyncedSchedules, type ScheduleRef } from '../db/system-queries.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { OrdealError } from '../domain/failures.ts';
import type { Logger } from '../runtime/logger.ts';
import { every, type Repetition } from './every.ts';
import type { ScheduleClient } from './schedule-client.ts';

export interface ScheduleKeeperOptions {
  readonly database: TenantDatabase;
  readonly schedules: ScheduleClient;
  readonly log: Logger;
}

const syncEveryMs = 3_000;
const lookEveryMs = 60_000;
const schedulesPerPage = 500;

/**
 * Keeps Temporal's schedules as PostgreSQL says.
 *
 * - Every 3 s: a schedule that Temporal was not told of is told; whoever changed it may have died in between.
 * - Every minute: a schedule that Temporal no longer has (its store was lost) is made again.
 *
 * Any number may run: both are idempotent.
 */
export class ScheduleKeeper {
  readonly #options: ScheduleKeeperOptions;
  #repetitions: readonly Repetition[] = [];

  constructor(options: ScheduleKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    const { log } = this.#options;
    this.#repetitions = [
      every({ firstAfterMs: syncEveryMs, everyMs: syncEveryMs, what: 'telling Temporal of changed schedules', log }, () =>
        this.syncChanged(),
      ),
      every({ firstAfterMs: lookEveryMs, everyMs: lookEveryMs, what: 'looking for lost schedules', log }, () => this.restoreLost()),
    ];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#repetitions.map((repetition) => repetition.stop()));
  }

  async syncChanged(): Promise<void> {
    for (const schedule of await listUnsyncedSchedules(this.#options.database, schedulesPerPage)) await this.#sync(schedule);
  }

  async restoreLost(): Promise<void> {
    const { database, schedules } = this.#options;
    let after = '';
    for (;;) {
      const page = await listStandingSchedules(database, after, schedulesPerPage);
      for (const schedule of page) {
        if ((await schedules.describe(schedule.scheduleId)) === undefined) await this.#sync(schedule);
      }
      after = page.at(-1)?.scheduleId ?? '';
      if (page.length < schedulesPerPage) return;
    }
  }

  /** One schedule that Temporal refuses does not keep the others from being told. */
  async #sync({ orgId, scheduleId }: ScheduleRef): Promise<void> {
    try {
      await this.#options.schedules.sync(orgId, scheduleId);
      this.#options.log.info({ scheduleId }, 'Temporal was told of a schedule');
    } catch (error) {
      if (error instanceof OrdealError && error.failure === 'temporal_unavailable') throw error;
      this.#options.log.error({ err: error, scheduleId }, 'Temporal does not take this schedule');
    }
  }
}
