import type { Usage } from '../../contracts/usage.ts';
import type { OrgId } from '../../domain/ids.ts';
import { quotaNames, quotaResetAt, type QuotaName } from '../../domain/quotas.ts';
import type { OrgTransaction } from '../with-org.ts';
import { loadCounters } from './load-counters.ts';
import { loadLimits } from './load-limits.ts';
import { loadModelTokens } from './load-model-tokens.ts';
import { loadStored } from './load-stored.ts';

/** What each quota of an organization stands at. */
export async function loadUsage(tx: OrgTransaction, orgId: OrgId): Promise<Usage> {
  const { plan, limits } = await loadLimits(tx, orgId);
  const stored = await loadStored(tx, orgId, limits.retentionDays);
  const { now, ...counted } = await loadCounters(tx, orgId);
  const used: Readonly<Record<QuotaName, number | null>> = {
    ...counted,
    runMinutes: null,
    eventsPerRun: null,
    storedEvents: stored.events,
    storageMegabytes: Math.round(stored.megabytes * 1_000) / 1_000,
    modelTokensPerMonth: await loadModelTokens(tx, orgId),
  };
  const quotas = quotaNames.map((name) => ({
    name,
    limit: limits[name],
    used: used[name],
    resetAt: quotaResetAt(name, now)?.toISOString() ?? null,
  }));
  return { plan, retentionDays: limits.retentionDays, quotas, asOf: now.toISOString() };
}
