import { ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy, type ScheduleDescription } from '@temporalio/client';

import { lockSchedule, markScheduleSynced, type ScheduleToSync } from '../db/schedules/schedule-sync.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { withOrg } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import type { OrgId, ScheduleId } from '../domain/ids.ts';
import { temporalScheduleId, type OverlapPolicy } from '../domain/schedule.ts';
import type { ScheduledRunInput, scheduledRunWorkflow } from '../workflows/scheduled-run-workflow.ts';
import type { TemporalGateway } from './connect-temporal.ts';

export interface ScheduleClientOptions {
  readonly temporal: TemporalGateway;
  readonly database: TenantDatabase;
  readonly taskQueue: string;
}

export interface ScheduleAccount {
  readonly next: readonly Date[];
  /** Never made up for. */
  readonly missed: number;
  readonly skipped: number;
}

/** How API and worker speak to Temporal of schedules. */
export interface ScheduleClient {
  /** Tells Temporal what PostgreSQL says of a schedule: new, changed or deleted. */
  sync(orgId: OrgId, scheduleId: ScheduleId): Promise<void>;
  /** Undefined when Temporal does not know it. */
  describe(scheduleId: ScheduleId): Promise<ScheduleAccount | undefined>;
  /**
   * Fires for every time of the span, as if it were then. Throws `not_found` when Temporal does not know the schedule. To be
   * called by one at a time (see `lockSchedule`): of two that reach a schedule together, Temporal forgets the first.
   */
  backfill(scheduleId: ScheduleId, span: { readonly from: Date; readonly to: Date }): Promise<void>;
}

const backfillTimeoutMs = 5_000;

const overlapOf: Readonly<Record<OverlapPolicy, ScheduleOverlapPolicy>> = {
  skip: ScheduleOverlapPolicy.SKIP,
  buffer_one: ScheduleOverlapPolicy.BUFFER_ONE,
  cancel_other: ScheduleOverlapPolicy.CANCEL_OTHER,
  allow_all: ScheduleOverlapPolicy.ALLOW_ALL,
};

export function createScheduleClient({ temporal, database, taskQueue }: ScheduleClientOptions): ScheduleClient {
  return {
    sync: (orgId, scheduleId) =>
      withOrg(database, orgId, async (tx) => {
        const schedule = await lockSchedule(tx, orgId, scheduleId);
        if (schedule === undefined) return;
        if (schedule.isDeleted) await remove(temporal, scheduleId);
        else await put(temporal, { orgId, scheduleId, schedule, taskQueue });
        await markScheduleSynced(tx, orgId, { scheduleId, revision: schedule.revision });
      }),
    describe: async (scheduleId) => {
      const description = await found(temporal.call((client) => client.schedule.getHandle(temporalScheduleId(scheduleId)).describe()));
      return description === undefined ? undefined : accountOf(description);
    },
    backfill: async (scheduleId, { from, to }) => {
      const taking = temporal.call(async (client) => {
        const handle = client.schedule.getHandle(temporalScheduleId(scheduleId));
        await handle.backfill({ start: from, end: to, overlap: ScheduleOverlapPolicy.BUFFER_ALL });
        // Answers once the schedule has taken all that was sent to it before.
        await handle.describe();
        return true;
      }, backfillTimeoutMs);
      if ((await found(taking)) === undefined) {
        throw new OrdealError('not_found', `Temporal does not know the schedule ${scheduleId} yet. Try again in some seconds.`);
      }
    },
  };
}

interface ScheduleToPut {
  readonly orgId: OrgId;
  readonly scheduleId: ScheduleId;
  readonly schedule: ScheduleToSync;
  readonly taskQueue: string;
}

async function put(temporal: TemporalGateway, { orgId, scheduleId, schedule, taskQueue }: ScheduleToPut): Promise<void> {
  const { timing, name, isPaused } = schedule;
  const input: ScheduledRunInput = { orgId, scheduleId };
  const options = {
    spec: {
      ...(timing.cron === undefined ? {} : { cronExpressions: timing.cron.map((line) => `CRON_TZ=${timing.timeZone} ${line}`) }),
      ...(timing.everySeconds === undefined ? {} : { intervals: [{ every: timing.everySeconds * 1_000 }] }),
      jitter: timing.jitterSeconds * 1_000,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'scheduledRunWorkflow' satisfies typeof scheduledRunWorkflow.name,
      workflowId: `scheduled-run/${scheduleId}`,
      taskQueue,
      args: [input],
      staticSummary: name.slice(0, 200),
    },
    policies: { overlap: overlapOf[timing.overlap], catchupWindow: timing.catchUpSeconds * 1_000 },
    state: { paused: isPaused },
  };
  try {
    await temporal.call((client) => client.schedule.create({ ...options, scheduleId: temporalScheduleId(scheduleId) }));
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await temporal.call((client) => client.schedule.getHandle(temporalScheduleId(scheduleId)).update(() => options));
  }
}

async function remove(temporal: TemporalGateway, scheduleId: ScheduleId): Promise<void> {
  await found(temporal.call((client) => client.schedule.getHandle(temporalScheduleId(scheduleId)).delete()));
}

async function found<Result>(asking: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

function accountOf({ info }: ScheduleDescription): ScheduleAccount {
  return { next: info.nextActionTimes, missed: info.numActionsMissedCatchupWindow, skipped: info.numActionsSkippedOverlap };
}
