import type { OrgId } from '../../domain/ids.ts';
import { findCrossing } from '../../domain/quotas.ts';
import type { OrgTransaction } from '../with-org.ts';
import { addUsage } from './count-usage.ts';
import { loadLimits } from './load-limits.ts';
import { quotaRefusal } from './quota-refusal.ts';

/** Counts one more project, or throws `quota_exceeded`, which undoes the transaction and what it counted. */
export async function admitProject(tx: OrgTransaction, orgId: OrgId): Promise<void> {
  const used = await addUsage(tx, orgId, { projects: 1 });
  const { limits } = await loadLimits(tx, orgId);
  const crossing = findCrossing(limits, [{ quota: 'projects', used: (used.get('projects') ?? 1) - 1, more: 1 }]);
  if (crossing !== undefined) throw await quotaRefusal(tx, crossing);
}
