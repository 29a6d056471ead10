import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export type UsageCounter = 'projects' | 'concurrent_runs' | 'runs_by_day' | 'runs_by_month' | 'events_by_day' | 'event_bytes_by_day';

/**
 * Adds to counters and tells what they came to. Their rows stay locked until the commit: whoever adds next waits, and
 * sees this. Days and months are those of UTC, by the
 * clock of the database. Locks are taken in the order of the names, so that no two wait for each other.
 */
export async function addUsage(
  tx: OrgTransaction,
  orgId: OrgId,
  more: Partial<Record<UsageCounter, number>>,
): Promise<ReadonlyMap<UsageCounter, number>> {
  const result = await sql<{ counter: UsageCounter; used: number }>`
    insert into usage_counters (org_id, counter, period, used)
    select ${orgId}, m.key,
      case when m.key like '%_by_day' then to_char(now() at time zone 'UTC', 'YYYY-MM-DD')
        when m.key like '%_by_month' then to_char(now() at time zone 'UTC', 'YYYY-MM') else '' end,
      m.value::bigint
    from jsonb_each_text(${JSON.stringify(more)}::jsonb) as m order by m.key
    on conflict (org_id, counter, period) do update set used = usage_counters.used + excluded.used
    returning counter, used::float8`.execute(tx);
  return new Map(result.rows.map(({ counter, used }) => [counter, used]));
}

/** Takes one off a counter of what stands. A counter that is not there yet is left to the next repair. */
export async function giveBackUsage(tx: OrgTransaction, orgId: OrgId, counter: 'projects' | 'concurrent_runs'): Promise<void> {
  await tx
    .updateTable('usage_counters')
    .set({ used: sql`greatest(0, used - 1)` })
    .where('org_id', '=', orgId)
    .where('counter', '=', counter)
    .where('period', '=', '')
    .execute();
}
