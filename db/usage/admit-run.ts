import type { OrgId, RunId } from '../../domain/ids.ts';
import { findCrossing } from '../../domain/quotas.ts';
import type { OrgTransaction } from '../with-org.ts';
import { addUsage } from './count-usage.ts';
import { loadLimits } from './load-limits.ts';
import { loadStored } from './load-stored.ts';
import { quotaRefusal } from './quota-refusal.ts';

/**
 * Counts one more run, or throws `quota_exceeded`, which undoes the transaction and what it counted. Parallel starts of
 * one organization wait here for each other, so this is the last thing that planning a run does. A held run is none of those at
 * once until it is executed: see `admitExecution`.
 */
export async function admitRun(
  tx: OrgTransaction,
  run: { readonly orgId: OrgId; readonly runId: RunId; readonly isHeld?: boolean },
): Promise<void> {
  const { orgId, runId, isHeld = false } = run;
  await tx.insertInto('run_usage').values({ org_id: orgId, run_id: runId }).execute();
  const used = await addUsage(tx, orgId, { ...(isHeld ? {} : { concurrent_runs: 1 }), runs_by_day: 1, runs_by_month: 1 });
  const { limits } = await loadLimits(tx, orgId);
  const stored = await loadStored(tx, orgId, limits.retentionDays);
  const before = (counter: 'concurrent_runs' | 'runs_by_day' | 'runs_by_month') => (used.get(counter) ?? 1) - 1;
  const crossing = findCrossing(limits, [
    ...(isHeld ? [] : [{ quota: 'concurrentRuns', used: before('concurrent_runs'), more: 1 } as const]),
    { quota: 'runsPerDay', used: before('runs_by_day'), more: 1 },
    { quota: 'runsPerMonth', used: before('runs_by_month'), more: 1 },
    { quota: 'storedEvents', used: stored.events, more: 1 },
    { quota: 'storageMegabytes', used: Math.floor(stored.megabytes), more: 1 },
  ]);
  if (crossing !== undefined) throw await quotaRefusal(tx, crossing);
}

/** Counts a held run among those at once, or throws `quota_exceeded`, as `admitRun` does. */
export async function admitExecution(tx: OrgTransaction, orgId: OrgId): Promise<void> {
  const used = await addUsage(tx, orgId, { concurrent_runs: 1 });
  const { limits } = await loadLimits(tx, orgId);
  const crossing = findCrossing(limits, [{ quota: 'concurrentRuns', used: (used.get('concurrent_runs') ?? 1) - 1, more: 1 }]);
  if (crossing !== undefined) throw await quotaRefusal(tx, crossing);
}
