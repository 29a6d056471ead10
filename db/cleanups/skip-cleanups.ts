import { sql } from 'kysely';

import { failures } from '../../domain/failures.ts';
import type { OrgId, RunId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Settles every cleanup that still waits for its turn: none of them is sent any more. */
export async function skipCleanups(
  tx: OrgTransaction,
  { orgId, runId }: { readonly orgId: OrgId; readonly runId: RunId },
  why: 'cleanup_stopped' | 'cleanup_overdue' | 'cleanup_abandoned',
): Promise<void> {
  await tx
    .updateTable('cleanups')
    .set({ state: 'skipped', failure: why, detail: `${failures[why].title}.`, settled_at: sql<Date>`now()` })
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('state', '=', 'pending')
    .execute();
}
