import { sql } from 'kysely';

import type { Schedule } from '../../contracts/schedule.ts';
import type { OrgId, ScheduleId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { scheduleColumns, toSchedule } from './schedule-record.ts';

export interface ScheduleChange {
  readonly name?: string | undefined;
  readonly timing?: Schedule['timing'] | undefined;
  readonly run?: Schedule['run'] | undefined;
  readonly isPaused?: boolean | undefined;
}

/** Changes a schedule, in the name of who changes it; undefined when there is none. Temporal is to be told. */
export async function changeSchedule(
  tx: OrgTransaction,
  {
    orgId,
    scheduleId,
    change,
    by,
  }: { readonly orgId: OrgId; readonly scheduleId: ScheduleId; readonly change: ScheduleChange; readonly by: string },
): Promise<Schedule | undefined> {
  const { name, timing, run, isPaused } = change;
  const row = await tx
    .updateTable('schedules')
    .set({
      ...(name === undefined ? {} : { name }),
      ...(timing === undefined ? {} : { timing: JSON.stringify(timing) }),
      ...(run === undefined ? {} : { run_request: JSON.stringify(run) }),
      ...(isPaused === undefined ? {} : { is_paused: isPaused }),
      created_by: by,
      revision: sql<number>`revision + 1`,
      updated_at: sql<Date>`now()`,
    })
    .where('org_id', '=', orgId)
    .where('schedule_id', '=', scheduleId)
    .where('deleted_at', 'is', null)
    .returning(scheduleColumns)
    .executeTakeFirst();
  return row === undefined ? undefined : toSchedule(row);
}

/** Marks a schedule as deleted; its firings stay. False when there is none. */
export async function deleteSchedule(tx: OrgTransaction, orgId: OrgId, scheduleId: ScheduleId): Promise<boolean> {
  const result = await tx
    .updateTable('schedules')
    .set({ deleted_at: sql<Date>`now()`, revision: sql<number>`revision + 1` })
    .where('org_id', '=', orgId)
    .where('schedule_id', '=', scheduleId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
