import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { addUsage } from './count-usage.ts';

export interface StoredEvent {
  readonly probeId: string | null;
  readonly bytes: number;
}

/** Counts events that were just stored: for the organization, and for the runs of their probes, whose rows are locked by name. */
export async function countEvents(tx: OrgTransaction, orgId: OrgId, events: readonly StoredEvent[]): Promise<void> {
  if (events.length === 0) return;
  const bytes = events.reduce((sum, event) => sum + event.bytes, 0);
  await addUsage(tx, orgId, { events_by_day: events.length, event_bytes_by_day: bytes });
  const probeIds = events.flatMap(({ probeId }) => probeId ?? []);
  if (probeIds.length === 0) return;
  await sql`
    with counted as (
      select p.run_id, count(*) as events from unnest(${probeIds}::text[]) as e (probe_id)
      join probes p on p.org_id = ${orgId} and p.probe_id = e.probe_id group by p.run_id
    ), locked as (
      select u.run_id from run_usage u where u.org_id = ${orgId} and u.run_id in (select run_id from counted) order by u.run_id for update
    )
    update run_usage u set events = u.events + c.events
    from counted c join locked l on l.run_id = c.run_id where u.org_id = ${orgId} and u.run_id = c.run_id`.execute(tx);
}
