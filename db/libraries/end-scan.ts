import { sql } from 'kysely';

import type { LibraryId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface EndedScan {
  readonly libraryId: LibraryId;
  readonly scanNo: number;
  /** What was not seen may still be there: nothing is marked as gone. */
  readonly isCutShort: boolean;
  readonly refused: number;
}

/** Ends a scan: marks as gone what a complete one did not see, and counts what it found. The caller holds `lockLibrary`. */
export async function endScan(tx: OrgTransaction, orgId: OrgId, { libraryId, scanNo, isCutShort, refused }: EndedScan): Promise<void> {
  if (!isCutShort) {
    await tx
      .updateTable('library_entries')
      .set({ gone_in: scanNo })
      .where('org_id', '=', orgId)
      .where('library_id', '=', libraryId)
      .where('seen_in', '<', scanNo)
      .where('gone_in', 'is', null)
      .execute();
  }
  await sql`
    update library_scans s
    set status = ${isCutShort ? 'cut_short' : 'complete'}, ended_at = now(), refused = ${refused},
      added = c.added, changed = c.changed, gone = c.gone, unchanged = c.seen - c.added - c.changed
    from (
      select count(*) filter (where added_in = ${scanNo}) as added, count(*) filter (where changed_in = ${scanNo}) as changed,
        count(*) filter (where gone_in = ${scanNo}) as gone, count(*) filter (where seen_in = ${scanNo}) as seen
      from library_entries where org_id = ${orgId} and library_id = ${libraryId}
    ) c
    where s.org_id = ${orgId} and s.library_id = ${libraryId} and s.scan_no = ${scanNo}`.execute(tx);
}
