import { sql } from 'kysely';

import type { LibraryBatchResult, NewLibraryEntry } from '../../contracts/library.ts';
import type { LibraryId, OrgId } from '../../domain/ids.ts';
import { canonicalJson } from '../../runtime/canonical-json.ts';
import { sha256Hex } from '../../runtime/sha256.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface EntryBatch {
  readonly libraryId: LibraryId;
  readonly scanNo: number;
  /** The highest number that an entry of the library has. */
  readonly lastEntryNo: number;
  readonly entries: readonly NewLibraryEntry[];
}

interface KeyedEntry extends NewLibraryEntry {
  /** Where it stands in the batch. */
  readonly index: number;
  readonly entryKey: string;
  readonly contentHash: string;
}

/** What came of a batch, or the places in it whose key another entry of the same scan has with other content. */
export type BatchOutcome = (LibraryBatchResult & { readonly conflicts?: never }) | { readonly conflicts: readonly number[] };

/**
 * Adds what is new under the next numbers, changes what differs, and marks all as seen. The same batch again changes
 * nothing. The caller holds `lockLibrary`.
 */
export async function putEntries(tx: OrgTransaction, orgId: OrgId, batch: EntryBatch): Promise<BatchOutcome> {
  const keyed = batch.entries.map(withKey);
  const known = await loadKnown(tx, orgId, { libraryId: batch.libraryId, keys: keyed.map(({ entryKey }) => entryKey) });
  const first = new Map<string, KeyedEntry>();
  const conflicts: number[] = [];
  for (const entry of keyed) {
    const before = first.get(entry.entryKey);
    const stored = known.get(entry.entryKey);
    const isTaken = stored?.seenIn === batch.scanNo && stored.contentHash !== entry.contentHash;
    if (isTaken || (before !== undefined && before.contentHash !== entry.contentHash)) conflicts.push(entry.index);
    first.set(entry.entryKey, before ?? entry);
  }
  if (conflicts.length > 0) return { conflicts };
  const entries = [...first.values()];
  const added = entries.filter(({ entryKey }) => !known.has(entryKey));
  const changed = entries.filter(({ entryKey, contentHash }) => {
    const stored = known.get(entryKey);
    return stored !== undefined && (stored.contentHash !== contentHash || stored.isGone);
  });
  await insertEntries(tx, orgId, { ...batch, added });
  // The first entries of a library tell the planner of its existence; see the migration.
  if (batch.lastEntryNo === 0) await sql`select analyze_library_entries()`.execute(tx);
  await updateEntries(tx, orgId, { ...batch, changed });
  await markSeen(tx, orgId, { ...batch, keys: entries.map(({ entryKey }) => entryKey) });
  return { added: added.length, changed: changed.length, unchanged: entries.length - added.length - changed.length };
}

function withKey(entry: NewLibraryEntry, index: number): KeyedEntry {
  const { key, ...content } = entry;
  return {
    ...entry,
    index,
    entryKey: sha256Hex(key === undefined ? `prompt:${entry.prompt}` : `key:${key}`),
    contentHash: sha256Hex(canonicalJson(content)),
  };
}

interface KnownEntry {
  readonly contentHash: string;
  readonly seenIn: number;
  readonly isGone: boolean;
}

async function loadKnown(
  tx: OrgTransaction,
  orgId: OrgId,
  { libraryId, keys }: { readonly libraryId: LibraryId; readonly keys: readonly string[] },
): Promise<ReadonlyMap<string, KnownEntry>> {
  const rows = await tx
    .selectFrom('library_entries')
    .select(['entry_key', 'content_hash', 'seen_in', 'gone_in'])
    .where('org_id', '=', orgId)
    .where('library_id', '=', libraryId)
    .where('entry_key', 'in', [...keys])
    .execute();
  return new Map(rows.map((row) => [row.entry_key, { contentHash: row.content_hash, seenIn: row.seen_in, isGone: row.gone_in !== null }]));
}

async function insertEntries(
  tx: OrgTransaction,
  orgId: OrgId,
  { libraryId, scanNo, lastEntryNo, added }: EntryBatch & { readonly added: readonly KeyedEntry[] },
): Promise<void> {
  if (added.length === 0) return;
  await tx
    .insertInto('library_entries')
    .values(
      added.map((entry, index) => ({
        org_id: orgId,
        library_id: libraryId,
        entry_no: lastEntryNo + index + 1,
        entry_key: entry.entryKey,
        content_hash: entry.contentHash,
        prompt: entry.prompt,
        title: entry.title ?? null,
        category: entry.category,
        severity: entry.severity,
        added_in: scanNo,
        seen_in: scanNo,
      })),
    )
    .execute();
  await tx
    .updateTable('libraries')
    .set({ last_entry_no: lastEntryNo + added.length })
    .where('org_id', '=', orgId)
    .where('library_id', '=', libraryId)
    .execute();
}

async function updateEntries(
  tx: OrgTransaction,
  orgId: OrgId,
  { libraryId, scanNo, changed }: EntryBatch & { readonly changed: readonly KeyedEntry[] },
): Promise<void> {
  if (changed.length === 0) return;
  const rows = JSON.stringify(
    changed.map(({ entryKey, contentHash, prompt, title, category, severity }) => ({
      entry_key: entryKey,
      content_hash: contentHash,
      prompt,
      title: title ?? null,
      category,
      severity,
    })),
  );
  await sql`
    update library_entries e
    set content_hash = c.content_hash, prompt = c.prompt, title = c.title, category = c.category, severity = c.severity, changed_in = ${scanNo}
    from jsonb_to_recordset(${rows}::jsonb)
      as c (entry_key text, content_hash text, prompt text, title text, category text, severity text)
    where e.org_id = ${orgId} and e.library_id = ${libraryId} and e.entry_key = c.entry_key`.execute(tx);
}

async function markSeen(
  tx: OrgTransaction,
  orgId: OrgId,
  { libraryId, scanNo, keys }: Pick<EntryBatch, 'libraryId' | 'scanNo'> & { readonly keys: readonly string[] },
): Promise<void> {
  await tx
    .updateTable('library_entries')
    .set({ seen_in: scanNo, gone_in: null })
    .where('org_id', '=', orgId)
    .where('library_id', '=', libraryId)
    .where('entry_key', 'in', [...keys])
    .where((eb) => eb.or([eb('seen_in', '<', scanNo), eb('gone_in', 'is not', null)]))
    .execute();
}
