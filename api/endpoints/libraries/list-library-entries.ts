import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { libraryEntrySchema, libraryEntryStates, libraryScanNoSchema } from '../../../contracts/library.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { listEntries } from '../../../db/libraries/list-entries.ts';
import { listLibraries } from '../../../db/libraries/list-libraries.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('library entries', cursorKey.no);

export const listLibraryEntries = defineEndpoint({
  id: 'listLibraryEntries',
  method: 'get',
  path: '/api/libraries/:libraryId/entries',
  tag: 'libraries',
  summary: 'List the entries of a library by their number',
  auth: 'apiKey',
  failures: [],
  input: {
    params: z.object({ libraryId: idSchema('library') }),
    query: z.strictObject({
      ...pageQueryShape,
      state: z
        .enum(libraryEntryStates, `must be one of ${libraryEntryStates.join(', ')}`)
        .optional()
        .meta({ description: 'Default: all entries' }),
      scan: libraryScanNoSchema.optional().meta({ description: 'The scan that added, changed or missed them' }),
    }),
  },
  output: { status: 200, description: 'A page of entries', schema: pageOf(libraryEntrySchema) },
  handler: async ({ params: { libraryId }, query }, { deps, principal: { orgId } }) => {
    const after = cursor.decode(query.cursor);
    const filter = { libraryId, state: query.state, scanNo: query.scan, after, rows: query.limit + 1 };
    const rows = await withOrg(deps.database, orgId, async (tx) => {
      const [library] = await listLibraries(tx, orgId, { libraryId, rows: 1 });
      requireFound(library, 'library', libraryId);
      return listEntries(tx, orgId, filter);
    });
    return cursor.page(rows, query.limit, (row) => row.entryNo);
  },
});
