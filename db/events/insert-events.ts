import { sql } from 'kysely';

import type { OrgId, SidecarTokenId, TargetId } from '../../domain/ids.ts';
import type { SidecarEventType } from '../../domain/sidecar-event.ts';
import { countEvents } from '../usage/count-events.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface EventSource {
  readonly orgId: OrgId;
  readonly tokenId: SidecarTokenId;
  readonly targetId: TargetId;
}

export interface NewEvent {
  readonly eventId: string;
  readonly stream: string;
  readonly sequence: number;
  readonly type: SidecarEventType;
  readonly probeId: string | null;
  readonly tool: unknown;
  readonly isTruncated: boolean;
  readonly occurredAt: string;
}

export interface InsertedEvents {
  /** Ids that were new. */
  readonly inserted: ReadonlySet<string>;
  /** Ids that are stored now, by this batch or an earlier one. */
  readonly stored: ReadonlySet<string>;
}

/**
 * Stores a batch in one statement. What is stored already, by its event id or by its place in the stream, is skipped.
 * A probe id counts only when the probe belongs to a run against the token's own target: a sidecar cannot speak for
 * another agent. Such an event keeps its place in the stream, without a probe. What is new is counted.
 */
export async function insertEvents(tx: OrgTransaction, source: EventSource, events: readonly NewEvent[]): Promise<InsertedEvents> {
  if (events.length === 0) return { inserted: new Set(), stored: new Set() };
  const result = await sql<{ event_id: string; probe_id: string | null; bytes: number }>`
    insert into events (org_id, token_id, event_id, target_id, stream, sequence, type, probe_id, tool, is_truncated, occurred_at)
    select ${source.orgId}, ${source.tokenId}, e."eventId", ${source.targetId}, e.stream, e.sequence, e.type,
      (select p.probe_id from probes p join runs r on r.org_id = p.org_id and r.run_id = p.run_id
        where p.org_id = ${source.orgId} and p.probe_id = e."probeId" and r.target_id = ${source.targetId}),
      e.tool, e."isTruncated", e."occurredAt"
    from jsonb_to_recordset(${JSON.stringify(events)}::jsonb)
      as e("eventId" text, stream text, sequence bigint, type text, "probeId" text, tool jsonb, "isTruncated" boolean, "occurredAt" timestamptz)
    on conflict do nothing
    returning event_id, probe_id, coalesce(octet_length(tool::text), 0) as bytes`.execute(tx);
  await countEvents(
    tx,
    source.orgId,
    result.rows.map((row) => ({ probeId: row.probe_id, bytes: row.bytes })),
  );
  const inserted = new Set(result.rows.map((row) => row.event_id));
  const missing = events.map((event) => event.eventId).filter((id) => !inserted.has(id));
  return { inserted, stored: new Set([...inserted, ...(await findStoredEvents(tx, source, missing))]) };
}

/** Which of these ids are stored. */
export async function findStoredEvents(tx: OrgTransaction, source: EventSource, eventIds: readonly string[]): Promise<string[]> {
  if (eventIds.length === 0) return [];
  const rows = await tx
    .selectFrom('events')
    .select('event_id')
    .where('org_id', '=', source.orgId)
    .where('token_id', '=', source.tokenId)
    .where('event_id', 'in', eventIds)
    .execute();
  return rows.map((row) => row.event_id);
}
