import type { OrgId } from '../../domain/ids.ts';
import { findCrossing, type QuotaLimits } from '../../domain/quotas.ts';
import type { OrgTransaction } from '../with-org.ts';
import { loadCounters } from './load-counters.ts';
import { quotaRefusal } from './quota-refusal.ts';

/**
 * Throws `quota_exceeded` when there is evidently no room for one more run, before the work of planning it. It decides
 * nothing for good and locks nothing: `admitRun` does, at the end.
 */
export async function checkRunRoom(
  tx: OrgTransaction,
  orgId: OrgId,
  { limits, isHeld }: { readonly limits: QuotaLimits; readonly isHeld: boolean },
): Promise<void> {
  if (limits.concurrentRuns === null && limits.runsPerDay === null && limits.runsPerMonth === null) return;
  const counted = await loadCounters(tx, orgId);
  const crossing = findCrossing(limits, [
    ...(isHeld ? [] : [{ quota: 'concurrentRuns', used: counted.concurrentRuns, more: 1 } as const]),
    { quota: 'runsPerDay', used: counted.runsPerDay, more: 1 },
    { quota: 'runsPerMonth', used: counted.runsPerMonth, more: 1 },
  ]);
  if (crossing !== undefined) throw await quotaRefusal(tx, crossing);
}
