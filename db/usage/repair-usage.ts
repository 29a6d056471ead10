import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import type { UsageCounter } from './count-usage.ts';

export interface UsageRepair {
  readonly counter: UsageCounter | 'events_of_run';
  /** A day, a month, a run, or nothing. */
  readonly period: string;
  readonly was: number;
  readonly is: number;
}

/**
 * Counts anew from the rows what the counters of an organization, and those of its live runs, should say, sets those right that say something else,
 * and tells which.
 *
 * The counters are locked first, and a statement that comes after sees whatever was committed under those locks: a run
 * that is being planned has either been counted and is seen, or will be counted when this is over.
 */
export async function repairUsage(tx: OrgTransaction, orgId: OrgId): Promise<UsageRepair[]> {
  await lockCounters(tx, orgId);
  const result = await sql<UsageRepair>`
    with counted as (
      select 'projects' as counter, '' as period, count(*) as used from projects where org_id = ${orgId}
      union all
      select 'concurrent_runs', '', count(*) from runs
        where org_id = ${orgId} and held_until is null and status in ('queued', 'running', 'paused', 'awaiting_approval')
      union all
      select 'runs_by_day', to_char(created_at at time zone 'UTC', 'YYYY-MM-DD'), count(*) from runs where org_id = ${orgId} group by 2
      union all
      select 'runs_by_month', to_char(created_at at time zone 'UTC', 'YYYY-MM'), count(*) from runs where org_id = ${orgId} group by 2
      union all
      select 'events_by_day', to_char(received_at at time zone 'UTC', 'YYYY-MM-DD'), count(*) from events where org_id = ${orgId} group by 2
      union all
      select 'event_bytes_by_day', to_char(received_at at time zone 'UTC', 'YYYY-MM-DD'), coalesce(sum(octet_length(tool::text)), 0)
        from events where org_id = ${orgId} group by 2
    ), wrong as (
      select coalesce(c.counter, u.counter) as counter, coalesce(c.period, u.period) as period, coalesce(u.used, 0) as was, coalesce(c.used, 0) as is
      from counted c full join (select * from usage_counters where org_id = ${orgId}) u on u.counter = c.counter and u.period = c.period
      where coalesce(u.used, 0) <> coalesce(c.used, 0)
    ), mended as (
      insert into usage_counters (org_id, counter, period, used) select ${orgId}, counter, period, "is" from wrong
      on conflict (org_id, counter, period) do update set used = excluded.used
    )
    select counter, period, was::float8, "is"::float8 from wrong order by counter, period`.execute(tx);
  return [...result.rows, ...(await repairLiveRuns(tx, orgId))];
}

/** Only of runs that live: what an ended one had is of no account any more. Whoever stores events holds the counters, and so waits. */
async function repairLiveRuns(tx: OrgTransaction, orgId: OrgId): Promise<UsageRepair[]> {
  const result = await sql<UsageRepair>`
    with counted as (
      select r.run_id, (select count(*) from probes p join events e on e.org_id = p.org_id and e.probe_id = p.probe_id
        where p.org_id = r.org_id and p.run_id = r.run_id) as events
      from runs r where r.org_id = ${orgId} and r.status in ('queued', 'running', 'paused', 'awaiting_approval')
    ), wrong as (
      select u.run_id, u.events as was, c.events as is from run_usage u join counted c on c.run_id = u.run_id
      where u.org_id = ${orgId} and u.events <> c.events order by u.run_id for update of u
    )
    update run_usage u set events = w.is from wrong w where u.org_id = ${orgId} and u.run_id = w.run_id
    returning 'events_of_run' as counter, u.run_id as period, w.was::float8, w.is::float8`.execute(tx);
  return result.rows;
}

/** In the order in which `addUsage` takes them. Rows that are to come soonest are made, so that they can be locked. */
async function lockCounters(tx: OrgTransaction, orgId: OrgId): Promise<void> {
  await sql`
    insert into usage_counters (org_id, counter, period, used)
    select ${orgId}, c.counter, coalesce(to_char(now() at time zone 'UTC', c.form), ''), 0
    from (values ('concurrent_runs', ''), ('event_bytes_by_day', 'YYYY-MM-DD'), ('events_by_day', 'YYYY-MM-DD'), ('projects', ''),
      ('runs_by_day', 'YYYY-MM-DD'), ('runs_by_month', 'YYYY-MM')) as c (counter, form)
    order by c.counter on conflict do nothing`.execute(tx);
  await tx
    .selectFrom('usage_counters')
    .select('counter')
    .where('org_id', '=', orgId)
    .orderBy('counter')
    .orderBy('period')
    .forUpdate()
    .execute();
}
