import { sql } from 'kysely';

import type { LibraryEntry, LibraryEntryState } from '../../contracts/library.ts';
import type { LibraryId, OrgId } from '../../domain/ids.ts';
import type { Severity } from '../../domain/severity.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface EntryFilter {
  readonly libraryId: LibraryId;
  readonly state: LibraryEntryState | undefined;
  /** The scan that `added`, `changed` and `gone` speak of; without it any. */
  readonly scanNo: number | undefined;
  /** Entries above this number. */
  readonly after: number | undefined;
  readonly rows: number;
}

/** Entries of a library by their number. */
export async function listEntries(tx: OrgTransaction, orgId: OrgId, filter: EntryFilter): Promise<LibraryEntry[]> {
  const { libraryId, state, scanNo, after, rows } = filter;
  let query = tx
    .selectFrom('library_entries')
    .select(['entry_no', 'prompt', 'title', 'category', 'severity', 'added_in', 'changed_in', 'seen_in', 'gone_in'])
    .where('org_id', '=', orgId)
    .where('library_id', '=', libraryId);
  if (after !== undefined) query = query.where('entry_no', '>', after);
  if (state === 'present') query = query.where('gone_in', 'is', null);
  else if (state !== undefined) {
    const column = sql.ref<number | null>(`${state}_in`);
    query = query.where(scanNo === undefined ? sql<boolean>`${column} is not null` : sql<boolean>`${column} = ${scanNo}`);
  }
  const found = await query.orderBy('entry_no').limit(rows).execute();
  return found.map((row) => ({
    entryNo: row.entry_no,
    prompt: row.prompt,
    title: row.title,
    category: row.category,
    severity: row.severity as Severity,
    addedIn: row.added_in,
    changedIn: row.changed_in,
    seenIn: row.seen_in,
    goneIn: row.gone_in,
  }));
}
