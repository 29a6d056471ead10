import type { Firing } from '../../contracts/schedule.ts';
import type { FailureName } from '../../domain/failures.ts';
import type { OrgId, RunId, ScheduleId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface NewFiring {
  readonly orgId: OrgId;
  readonly scheduleId: ScheduleId;
  readonly scheduledFor: Date;
  readonly result:
    | { readonly kind: 'started'; readonly runId: RunId }
    | { readonly kind: 'refused'; readonly failure: FailureName; readonly detail: string };
}

const columns = ['scheduled_for', 'fired_at', 'result', 'run_id', 'failure', 'detail'] as const;

/** What became of this firing, if it has been made already. */
export async function findFiring(
  tx: OrgTransaction,
  firing: { readonly orgId: OrgId; readonly scheduleId: ScheduleId; readonly scheduledFor: Date },
): Promise<Firing | undefined> {
  const row = await tx
    .selectFrom('schedule_firings')
    .select(columns)
    .where('org_id', '=', firing.orgId)
    .where('schedule_id', '=', firing.scheduleId)
    .where('scheduled_for', '=', firing.scheduledFor)
    .executeTakeFirst();
  return row === undefined ? undefined : toFiring(row);
}

/** Keeps what became of a firing. A second one for the same time violates the key and undoes its transaction. */
export async function insertFiring(tx: OrgTransaction, { orgId, scheduleId, scheduledFor, result }: NewFiring): Promise<void> {
  await tx
    .insertInto('schedule_firings')
    .values({
      org_id: orgId,
      schedule_id: scheduleId,
      scheduled_for: scheduledFor,
      result: result.kind,
      run_id: result.kind === 'started' ? result.runId : null,
      failure: result.kind === 'refused' ? result.failure : null,
      detail: result.kind === 'refused' ? result.detail.slice(0, 1_000) : null,
    })
    .execute();
}

/** Firings from the newest on, those before `before`. */
export async function listFirings(
  tx: OrgTransaction,
  orgId: OrgId,
  page: { readonly scheduleId: ScheduleId; readonly before: string | undefined; readonly rows: number },
): Promise<Firing[]> {
  let query = tx.selectFrom('schedule_firings').select(columns).where('org_id', '=', orgId).where('schedule_id', '=', page.scheduleId);
  if (page.before !== undefined) query = query.where('scheduled_for', '<', new Date(page.before));
  const rows = await query.orderBy('scheduled_for', 'desc').limit(page.rows).execute();
  return rows.map(toFiring);
}

function toFiring(row: {
  scheduled_for: Date;
  fired_at: Date;
  result: string;
  run_id: string | null;
  failure: string | null;
  detail: string | null;
}): Firing {
  return {
    scheduledFor: row.scheduled_for.toISOString(),
    firedAt: row.fired_at.toISOString(),
    result: row.result as Firing['result'],
    runId: row.run_id as RunId | null,
    failure: row.failure,
    detail: row.detail,
  };
}
