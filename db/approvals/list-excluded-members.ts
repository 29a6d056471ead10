import { sql } from 'kysely';

import type { OrgId, RunId, TargetId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface ExaminedWork {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly targetId: TargetId;
  readonly scriptSlugs: readonly string[];
}

/**
 * Who has no say about what a run sends, by any key of theirs:
 *
 * - who asked for the run, who let it start where it was held, and the same of every run that it is a retry of;
 * - whoever made, changed or backfilled the schedule that started one of these;
 * - whoever has ever edited one of the scripts, or the target.
 */
export async function listExcludedMembers(tx: OrgTransaction, { orgId, runId, targetId, scriptSlugs }: ExaminedWork): Promise<string[]> {
  const { rows } = await sql<{ member_id: string }>`
    with recursive asked as (
      select run_id, retry_of, requested_by, executed_by from runs where org_id = ${orgId} and run_id = ${runId}
      union
      select r.run_id, r.retry_of, r.requested_by, r.executed_by from asked a
      join runs r on r.org_id = ${orgId} and r.run_id = a.retry_of
    ), worked_on(object_id) as (
      select ${targetId}
      union select script_id from scripts where org_id = ${orgId} and slug = any (${[...scriptSlugs]}::text[])
      union select f.schedule_id from asked a join schedule_firings f on f.org_id = ${orgId} and f.run_id = a.run_id
    )
    select k.member_id from asked a join api_keys k on k.org_id = ${orgId} and k.key_id in (a.requested_by, a.executed_by)
    union select e.member_id from worked_on w join editors e on e.org_id = ${orgId} and e.object_id = w.object_id
    order by 1`.execute(tx);
  return rows.map((row) => row.member_id);
}
