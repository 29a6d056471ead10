import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface Counted extends Record<'projects' | 'concurrentRuns' | 'runsPerDay' | 'runsPerMonth', number> {
  /** By the clock of the database. */
  readonly now: Date;
}

/** What the counters of an organization say at this moment; nothing is locked. */
export async function loadCounters(tx: OrgTransaction, orgId: OrgId): Promise<Counted> {
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
