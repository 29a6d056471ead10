import { sql } from 'kysely';

import { countUncleaned, zeroCleanupCounts } from '../../domain/cleanup/cleanup.ts';
import type { OrgId, RunId } from '../../domain/ids.ts';
import { appendToFeed } from '../runs/append-to-feed.ts';
import type { OrgTransaction } from '../with-org.ts';
import { orderCleanups } from './begin-cleanup.ts';
import { loadCleanupCounts } from './load-cleanup-account.ts';
import { skipCleanups } from './skip-cleanups.ts';

/**
 * Settles what the run has not cleaned up when it ends: what is in flight is `indeterminate`, what waits is `skipped`. In most runs
 * there is nothing to do.
 */
export async function closeCleanups(
  tx: OrgTransaction,
  run: { readonly orgId: OrgId; readonly runId: RunId },
  { isStopped }: { readonly isStopped: boolean },
): Promise<void> {
  if (!(await hasCleanups(tx, run))) return;
  // Without its workflow a run may end before it has begun to clean up.
  await orderCleanups(tx, run);
  await tx
    .updateTable('cleanups')
    .set({ state: 'indeterminate', failure: 'indeterminate', settled_at: sql<Date>`now()` })
    .set({ detail: 'The run ended before the end of the request was recorded.' })
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .where('state', '=', 'pending')
    .where('cleanup_id', 'in', (open) =>
      open
        .selectFrom('cleanup_attempts')
        .select('cleanup_id')
        .where('org_id', '=', run.orgId)
        .where('run_id', '=', run.runId)
        .where('state', '=', 'open'),
    )
    .execute();
  await tx
    .updateTable('cleanup_attempts')
    .set({ state: 'indeterminate', failure: 'indeterminate', closed_at: sql<Date>`now()` })
    .set({ failure_detail: 'The run ended before the end of the request was recorded.' })
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .where('state', '=', 'open')
    .execute();
  await skipCleanups(tx, run, isStopped ? 'cleanup_stopped' : 'cleanup_abandoned');
  const counts = (await loadCleanupCounts(tx, run.orgId, [run.runId])).get(run.runId) ?? zeroCleanupCounts();
  const notCleaned = countUncleaned({ counts });
  if (counts.cleaned + notCleaned > 0) {
    await appendToFeed(tx, run, { type: 'cleanup_ended', data: { cleaned: counts.cleaned, notCleaned } });
  }
}

async function hasCleanups(tx: OrgTransaction, { orgId, runId }: { readonly orgId: OrgId; readonly runId: RunId }): Promise<boolean> {
  const row = await tx
    .selectFrom('cleanups')
    .select('cleanup_id')
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
