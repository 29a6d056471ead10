import type { Schedule } from '../../contracts/schedule.ts';
import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { scheduleColumns, toSchedule } from './schedule-record.ts';

export type NewScheduleRow = Pick<Schedule, 'scheduleId' | 'projectId' | 'name' | 'timing' | 'run' | 'isPaused' | 'createdBy'>;

/** Stores a schedule that Temporal does not know yet. */
export async function insertSchedule(tx: OrgTransaction, orgId: OrgId, schedule: NewScheduleRow): Promise<Schedule> {
  const row = await tx
    .insertInto('schedules')
    .values({
      org_id: orgId,
      schedule_id: schedule.scheduleId,
      project_id: schedule.projectId,
      name: schedule.name,
      timing: JSON.stringify(schedule.timing),
      run_request: JSON.stringify(schedule.run),
      is_paused: schedule.isPaused,
      created_by: schedule.createdBy,
    })
    .returning(scheduleColumns)
    .executeTakeFirstOrThrow();
  return toSchedule(row);
}
