import { sql } from 'kysely';

import type { LibraryId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface NewScan {
  readonly libraryId: LibraryId;
  readonly scanNo: number;
  readonly sourceName: string;
  readonly requestedBy: string;
}

/** Begins a scan; one that is still open is abandoned. The caller holds `lockLibrary`. */
export async function openScan(tx: OrgTransaction, orgId: OrgId, { libraryId, scanNo, sourceName, requestedBy }: NewScan): Promise<void> {
  await tx
    .updateTable('library_scans')
    .set({ status: 'abandoned', ended_at: sql`now()` })
    .where('org_id', '=', orgId)
    .where('library_id', '=', libraryId)
    .where('status', '=', 'open')
    .execute();
  await tx
    .insertInto('library_scans')
    .values({ org_id: orgId, library_id: libraryId, scan_no: scanNo, source_name: sourceName, requested_by: requestedBy })
    .execute();
  await tx.updateTable('libraries').set({ last_scan_no: scanNo }).where('org_id', '=', orgId).where('library_id', '=', libraryId).execute();
}
