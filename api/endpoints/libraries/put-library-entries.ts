import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { libraryBatchResultSchema, libraryBatchSchema } from '../../../contracts/library.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { putEntries } from '../../../db/libraries/put-entries.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { defineChange } from '../../define-endpoint.ts';
import { requireOpenScan } from '../../require-open-scan.ts';

export const putLibraryEntries = defineChange({
  id: 'putLibraryEntries',
  method: 'post',
  path: '/api/libraries/:libraryId/entries',
  tag: 'libraries',
  summary: 'Add what an open scan has read, batch by batch',
  auth: 'apiKey',
  failures: ['conflict'],
  bodyRules: { maxBytes: 1_048_576 },
  input: { params: z.object({ libraryId: idSchema('library') }), body: libraryBatchSchema },
  output: { status: 200, description: 'What came of the batch', schema: libraryBatchResultSchema },
  change: async (tx, { params: { libraryId }, body }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const { scanNo, entries } = body;
    const { lastEntryNo } = await requireOpenScan(tx, orgId, { libraryId, scanNo });
    const outcome = await putEntries(tx, orgId, { libraryId, scanNo, lastEntryNo, entries });
    if (outcome.conflicts !== undefined) throw sameKeyTwice(outcome.conflicts);
    const detail = { scanNo, ...outcome };
    await insertAudit(tx, { orgId, actor, requestId, action: 'library.put_entries', objectType: 'library', objectId: libraryId, detail });
    return { body: outcome };
  },
});

function sameKeyTwice(places: readonly number[]): OrdealError {
  const issues = places.map((place) => ({
    field: `entries.${place}`,
    message: 'has the key of another entry of this scan, and other content',
  }));
  return new OrdealError('invalid_request', issues.map(({ field, message }) => `${field} ${message}`).join('; '), { issues });
}
