import type { Schedule } from '../../contracts/schedule.ts';
import type { OrgId, ProjectId, ScheduleId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { scheduleColumns, toSchedule } from './schedule-record.ts';

/** A schedule that was not deleted. */
export async function findSchedule(tx: OrgTransaction, orgId: OrgId, scheduleId: ScheduleId): Promise<Schedule | undefined> {
  const row = await tx
    .selectFrom('schedules')
    .select(scheduleColumns)
    .where('org_id', '=', orgId)
    .where('schedule_id', '=', scheduleId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row === undefined ? undefined : toSchedule(row);
}

/** Schedules of a project from the newest on, starting below `before`. */
export async function listSchedules(
  tx: OrgTransaction,
  orgId: OrgId,
  page: { readonly projectId: ProjectId; readonly before: string | undefined; readonly rows: number },
): Promise<Schedule[]> {
  let query = tx
    .selectFrom('schedules')
    .select(scheduleColumns)
    .where('org_id', '=', orgId)
    .where('project_id', '=', page.projectId)
    .where('deleted_at', 'is', null);
  if (page.before !== undefined) query = query.where('schedule_id', '<', page.before);
  const rows = await query.orderBy('schedule_id', 'desc').limit(page.rows).execute();
  return rows.map(toSchedule);
}
