import type { LibrarySource, LibraryOfScripts } from '../../domain/libraries/library.ts';
import type { LibraryId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface NewLibrary extends LibraryOfScripts {
  readonly orgId: OrgId;
  readonly libraryId: LibraryId;
  readonly sourceKind: LibrarySource;
}

/** Makes a library; false when there is one of this name. */
export async function insertLibrary(tx: OrgTransaction, library: NewLibrary): Promise<boolean> {
  const row = await tx
    .insertInto('libraries')
    .values({
      org_id: library.orgId,
      library_id: library.libraryId,
      name: library.name,
      source_kind: library.sourceKind,
      detectors: JSON.stringify(library.detectors),
      evidence: library.evidence,
    })
    .onConflict((conflict) => conflict.columns(['org_id', 'name']).doNothing())
    .returning('library_id')
    .executeTakeFirst();
  return row !== undefined;
}
