import { sql } from 'kysely';

import type { Usage } from '../../contracts/usage.ts';
import type { OrgId } from '../../domain/ids.ts';
import { quotaNames, quotaResetAt, type QuotaName } from '../../domain/quotas.ts';
import type { OrgTransaction } from '../with-org.ts';
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

interface Counted extends Record<'projects' | 'concurrentRuns' | 'runsPerDay' | 'runsPerMonth', number> {
  readonly now: Date;
}

async function loadCounters(tx: OrgTransaction, orgId: OrgId): Promise<Counted> {
  const result = await sql<Counted>`
    select coalesce(sum(used) filter (where counter = 'projects'), 0)::float8 as projects,
      coalesce(sum(used) filter (where counter = 'concurrent_runs'), 0)::float8 as "concurrentRuns",
      coalesce(sum(used) filter (where counter = 'runs_by_day' and period = to_char(now() at time zone 'UTC', 'YYYY-MM-DD')), 0)::float8 as "runsPerDay",
      coalesce(sum(used) filter (where counter = 'runs_by_month' and period = to_char(now() at time zone 'UTC', 'YYYY-MM')), 0)::float8 as "runsPerMonth",
      now() as now
    from usage_counters where org_id = ${orgId}`.execute(tx);
  const [row] = result.rows;
  if (row === undefined) throw new Error('an aggregate gave no row');
  return row;
}
