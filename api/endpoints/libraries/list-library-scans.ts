import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { libraryScanSchema } from '../../../contracts/library.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { listLibraries } from '../../../db/libraries/list-libraries.ts';
import { listScans } from '../../../db/libraries/list-scans.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('library scans', cursorKey.no);

export const listLibraryScans = defineEndpoint({
  id: 'listLibraryScans',
  method: 'get',
  path: '/api/libraries/:libraryId/scans',
  tag: 'libraries',
  summary: 'List the scans of a library, newest first',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ libraryId: idSchema('library') }), query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of scans', schema: pageOf(libraryScanSchema) },
  handler: async ({ params: { libraryId }, query }, { deps, principal: { orgId } }) => {
    const before = cursor.decode(query.cursor);
    const rows = await withOrg(deps.database, orgId, async (tx) => {
      const [library] = await listLibraries(tx, orgId, { libraryId, rows: 1 });
      requireFound(library, 'library', libraryId);
      return listScans(tx, orgId, { libraryId, before, rows: query.limit + 1 });
    });
    return cursor.page(rows, query.limit, (row) => row.scanNo);
  },
});
