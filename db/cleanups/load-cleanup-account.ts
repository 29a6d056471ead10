import { sql } from 'kysely';

import {
  maxListedUncleaned,
  neededCleanups,
  uncleanedStates,
  zeroCleanupCounts,
  type CleanupAccount,
  type CleanupCounts,
  type CleanupState,
  type UncleanedState,
} from '../../domain/cleanup/cleanup.ts';
import type { FailureName } from '../../domain/failures.ts';
import type { OrgId, RunId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { cleanupsOfRun } from './cleanups-of-run.ts';

/** How many cleanups these runs have in which state; runs without any are left out. */
export async function loadCleanupCounts(tx: OrgTransaction, orgId: OrgId, runIds: readonly string[]): Promise<Map<string, CleanupCounts>> {
  const groups = await tx
    .selectFrom('cleanups')
    .select(['run_id', 'state', sql<number>`count(*)::int`.as('count')])
    .where('org_id', '=', orgId)
    .where('run_id', 'in', runIds)
    .groupBy(['run_id', 'state'])
    .execute();
  const byRun = new Map<string, Record<CleanupState, number>>();
  for (const { run_id, state, count } of groups) {
    const counts = byRun.get(run_id) ?? zeroCleanupCounts();
    counts[state as CleanupState] += count;
    byRun.set(run_id, counts);
  }
  return byRun;
}

/** What a run has cleaned up and what it could not; `null` where nothing was to be cleaned up. */
export async function loadCleanupAccount(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<CleanupAccount | null> {
  const counts = (await loadCleanupCounts(tx, orgId, [runId])).get(runId);
  if (counts === undefined || (neededCleanups({ counts }) === 0 && counts.armed === 0)) return null;
  const rows = await cleanupsOfRun(tx, orgId, runId)
    .select(sql<string>`c.request_method || ' ' || c.request_url`.as('request'))
    .where('c.state', 'in', [...uncleanedStates])
    .orderBy('c.order_no')
    .limit(maxListedUncleaned)
    .execute();
  const notCleaned = rows.map((row) => ({
    cleanupId: row.cleanup_id,
    probeId: row.probe_id,
    stepId: row.step_id,
    stepTitle: row.title,
    state: row.state as UncleanedState,
    failure: row.failure as FailureName | null,
    detail: row.detail ?? '',
    request: row.request,
  }));
  return { counts, notCleaned };
}
