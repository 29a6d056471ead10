import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import type { RunFeedEntry } from '../../domain/run-feed.ts';
import type { OrgTransaction } from '../with-org.ts';

/**
 * Adds entries to the live stream of a run, in the transaction that made them true.
 *
 * The row of `run_feed_heads` stays locked until the commit, so that a reader who has seen number n will never see a
 * smaller one appear. Call it last in a transaction.
 */
export function appendToFeed(
  tx: OrgTransaction,
  { orgId, runId }: { readonly orgId: OrgId; readonly runId: RunId },
  ...entries: readonly RunFeedEntry[]
): Promise<void> {
  return appendToFeeds(tx, { orgId, runIds: [runId] }, ...entries);
}

/** The same for several runs, each of which gets all entries. */
export async function appendToFeeds(
  tx: OrgTransaction,
  { orgId, runIds }: { readonly orgId: OrgId; readonly runIds: readonly RunId[] },
  ...entries: readonly RunFeedEntry[]
): Promise<void> {
  await sql`
    with head as (
      update run_feed_heads set last_seq = last_seq + ${entries.length}
      where org_id = ${orgId} and run_id = any(${[...runIds]}::text[]) returning run_id, last_seq
    )
    insert into run_feed (org_id, run_id, seq, type, data)
    select ${orgId}, head.run_id, head.last_seq - ${entries.length} + e.ordinality, e.entry->>'type', e.entry->'data'
    from head, jsonb_array_elements(${JSON.stringify(entries)}::jsonb) with ordinality as e(entry, ordinality)`.execute(tx);
}
