import type { LibraryId, OrgId } from '../domain/ids.ts';
import { lockLibrary, type LockedLibrary } from '../db/libraries/lock-library.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import { requireFound } from '../domain/require-found.ts';

/** The library, locked, of which this scan is open. Throws `not_found`, or `conflict` when the scan is over. */
export async function requireOpenScan(
  tx: OrgTransaction,
  orgId: OrgId,
  { libraryId, scanNo }: { readonly libraryId: LibraryId; readonly scanNo: number },
): Promise<LockedLibrary> {
  const library = requireFound(await lockLibrary(tx, orgId, libraryId), 'library', libraryId);
  if (library.lastScanNo === scanNo && library.lastScanStatus === 'open') return library;
  const what = scanNo > library.lastScanNo ? 'has not begun' : 'is over';
  throw new OrdealError(
    'conflict',
    `Scan ${scanNo} of the library ${library.name} ${what}. Open another one and read the source from the start.`,
  );
}
