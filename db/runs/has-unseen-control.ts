import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Whether the workflow of the run has still to be told of a change: a storm of the same request is one signal. */
export async function hasUnseenControl(
  tx: OrgTransaction,
  { orgId, runId }: { readonly orgId: OrgId; readonly runId: RunId },
): Promise<boolean> {
  const row = await tx
    .selectFrom('runs')
    .select('run_id')
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('control_seen', '<', sql<number>`control_version`)
    .executeTakeFirst();
  return row !== undefined;
}
