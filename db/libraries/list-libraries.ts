import { sql } from 'kysely';

import type { Library } from '../../contracts/library.ts';
import type { LibraryId, OrgId } from '../../domain/ids.ts';
import type { LibrarySource } from '../../domain/libraries/library.ts';
import type { DetectorSpec } from '../../domain/script.ts';
import type { OrgTransaction } from '../with-org.ts';
import { listScans } from './list-scans.ts';

export interface LibraryFilter {
  readonly libraryId?: LibraryId;
  /** Names above this one, in the order of code points. */
  readonly after?: string | undefined;
  readonly rows: number;
}

/** Libraries by name, each with its counts and its last scan. */
export async function listLibraries(tx: OrgTransaction, orgId: OrgId, { libraryId, after, rows }: LibraryFilter): Promise<Library[]> {
  let query = tx
    .selectFrom('libraries')
    .select(['library_id', 'name', 'source_kind', 'detectors', 'evidence', 'last_scan_no', 'created_at'])
    .select((eb) => [
      eb
        .selectFrom('library_entries')
        .select((inner) => inner.fn.countAll<number>().filterWhere('gone_in', 'is', null).as('present'))
        .whereRef('library_entries.org_id', '=', 'libraries.org_id')
        .whereRef('library_entries.library_id', '=', 'libraries.library_id')
        .as('present'),
    ])
    .select('last_entry_no')
    .where('org_id', '=', orgId);
  if (libraryId !== undefined) query = query.where('library_id', '=', libraryId);
  if (after !== undefined) query = query.where(sql<boolean>`name collate "C" > ${after}`);
  const found = await query
    .orderBy(sql`name collate "C"`)
    .limit(rows)
    .execute();
  const libraries: Library[] = [];
  for (const row of found) {
    const id = row.library_id as LibraryId;
    // One query a library, of a page: a scan has a row of its own because it is read by itself elsewhere.
    // oxlint-disable-next-line no-await-in-loop
    const [lastScan] = await listScans(tx, orgId, { libraryId: id, before: undefined, rows: 1 });
    const present = Number(row.present);
    libraries.push({
      libraryId: id,
      name: row.name,
      sourceKind: row.source_kind as LibrarySource,
      detectors: row.detectors as unknown as readonly DetectorSpec[],
      evidence: row.evidence as Library['evidence'],
      present,
      // Entries are never deleted, and their numbers have no gaps.
      gone: row.last_entry_no - present,
      lastScan: lastScan ?? null,
      createdAt: row.created_at.toISOString(),
    });
  }
  return libraries;
}
