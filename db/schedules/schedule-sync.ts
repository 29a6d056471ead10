import type { OrgId, ScheduleId } from '../../domain/ids.ts';
import type { ScheduleTiming } from '../../domain/schedule.ts';
import type { OrgTransaction } from '../with-org.ts';

/** What Temporal has to know of a schedule. */
export interface ScheduleToSync {
  readonly name: string;
  readonly timing: ScheduleTiming;
  readonly isPaused: boolean;
  readonly isDeleted: boolean;
  readonly revision: number;
}

/** Locks the schedule, so that Temporal is told one thing after the other, and its last word is the last word that there is. */
export async function lockSchedule(tx: OrgTransaction, orgId: OrgId, scheduleId: ScheduleId): Promise<ScheduleToSync | undefined> {
  const row = await tx
    .selectFrom('schedules')
    .select(['name', 'timing', 'is_paused', 'deleted_at', 'revision'])
    .where('org_id', '=', orgId)
    .where('schedule_id', '=', scheduleId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { name, revision } = row;
  return { name, timing: row.timing as unknown as ScheduleTiming, isPaused: row.is_paused, isDeleted: row.deleted_at !== null, revision };
}

export async function markScheduleSynced(
  tx: OrgTransaction,
  orgId: OrgId,
  synced: { readonly scheduleId: ScheduleId; readonly revision: number },
): Promise<void> {
  await tx
    .updateTable('schedules')
    .set({ synced_revision: synced.revision })
    .where('org_id', '=', orgId)
    .where('schedule_id', '=', synced.scheduleId)
    .execute();
}
