import type { LibraryId, OrgId } from '../../domain/ids.ts';
import type { LibraryOfScripts, LibraryScanStatus } from '../../domain/libraries/library.ts';
import type { DetectorSpec } from '../../domain/script.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface LockedLibrary extends LibraryOfScripts {
  readonly lastEntryNo: number;
  readonly lastScanNo: number;
  /** Of the last scan; undefined before the first one. */
  readonly lastScanStatus: LibraryScanStatus | undefined;
}

/** Reads a library and locks its row, so that its scans, and the numbers of its entries, are given out one at a time. */
export async function lockLibrary(tx: OrgTransaction, orgId: OrgId, libraryId: LibraryId): Promise<LockedLibrary | undefined> {
  const library = await tx
    .selectFrom('libraries')
    .select(['name', 'detectors', 'evidence', 'last_entry_no', 'last_scan_no'])
    .where('org_id', '=', orgId)
    .where('library_id', '=', libraryId)
    .forUpdate()
    .executeTakeFirst();
  if (library === undefined) return undefined;
  const scan = await tx
    .selectFrom('library_scans')
    .select('status')
    .where('org_id', '=', orgId)
    .where('library_id', '=', libraryId)
    .where('scan_no', '=', library.last_scan_no)
    .executeTakeFirst();
  return {
    name: library.name,
    detectors: library.detectors as unknown as readonly DetectorSpec[],
    evidence: library.evidence as LockedLibrary['evidence'],
    lastEntryNo: library.last_entry_no,
    lastScanNo: library.last_scan_no,
    lastScanStatus: scan?.status as LibraryScanStatus | undefined,
  };
}
