import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

const bytesPerMegabyte = 1_000_000;

export interface StoredUse {
  readonly events: number;
  readonly megabytes: number;
}

/** What came in within the days of retention (`null`: ever): events, and bytes of events, requests and answers. */
export async function loadStored(tx: OrgTransaction, orgId: OrgId, retentionDays: number | null): Promise<StoredUse> {
  const result = await sql<{ events: number; event_bytes: number; run_bytes: number }>`
    select coalesce(sum(used) filter (where counter = 'events_by_day'), 0)::float8 as events,
      coalesce(sum(used) filter (where counter = 'event_bytes_by_day'), 0)::float8 as event_bytes,
      (select coalesce(sum(u.bytes), 0)::float8 from run_usage u
        where u.org_id = ${orgId} and u.created_at >= coalesce(now() - make_interval(days => ${retentionDays}::int), '-infinity')) as run_bytes
    from usage_counters
    where org_id = ${orgId} and counter in ('events_by_day', 'event_bytes_by_day')
      and period > coalesce(to_char(now() at time zone 'UTC' - make_interval(days => ${retentionDays}::int), 'YYYY-MM-DD'), '')`.execute(
    tx,
  );
  const [row] = result.rows;
  if (row === undefined) throw new Error('an aggregate gave no row');
  return { events: row.events, megabytes: (row.event_bytes + row.run_bytes) / bytesPerMegabyte };
}
