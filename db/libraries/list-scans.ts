import type { LibraryScan } from '../../contracts/library.ts';
import type { LibraryId, OrgId } from '../../domain/ids.ts';
import type { LibraryScanStatus } from '../../domain/libraries/library.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface ScanFilter {
  readonly libraryId: LibraryId;
  /** Scans below this number. */
  readonly before: number | undefined;
  readonly rows: number;
}

/** Scans of a library, the newest first. */
export async function listScans(tx: OrgTransaction, orgId: OrgId, { libraryId, before, rows }: ScanFilter): Promise<LibraryScan[]> {
  let query = tx.selectFrom('library_scans').selectAll().where('org_id', '=', orgId).where('library_id', '=', libraryId);
  if (before !== undefined) query = query.where('scan_no', '<', before);
  const found = await query.orderBy('scan_no', 'desc').limit(rows).execute();
  return found.map((row) => ({
    scanNo: row.scan_no,
    sourceName: row.source_name,
    status: row.status as LibraryScanStatus,
    requestedBy: row.requested_by,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    added: row.added,
    changed: row.changed,
    unchanged: row.unchanged,
    gone: row.gone,
    refused: row.refused,
  }));
}
