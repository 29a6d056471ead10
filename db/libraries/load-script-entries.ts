import type { LibraryId, OrgId } from '../../domain/ids.ts';
import { entriesPerScript, type LibraryPrompt } from '../../domain/libraries/library.ts';
import type { Severity } from '../../domain/severity.ts';
import type { OrgTransaction } from '../with-org.ts';

/** The entries of the script with this number that are present, by their number. */
export async function loadScriptEntries(
  tx: OrgTransaction,
  orgId: OrgId,
  { libraryId, scriptNumber }: { readonly libraryId: LibraryId; readonly scriptNumber: number },
): Promise<LibraryPrompt[]> {
  const rows = await tx
    .selectFrom('library_entries')
    .select(['entry_no', 'prompt', 'title', 'category', 'severity'])
    .where('org_id', '=', orgId)
    .where('library_id', '=', libraryId)
    .where('entry_no', '>', (scriptNumber - 1) * entriesPerScript)
    .where('entry_no', '<=', scriptNumber * entriesPerScript)
    .where('gone_in', 'is', null)
    .orderBy('entry_no')
    .execute();
  return rows.map((row) => ({
    entryNo: row.entry_no,
    prompt: row.prompt,
    title: row.title,
    category: row.category,
    severity: row.severity as Severity,
  }));
}
