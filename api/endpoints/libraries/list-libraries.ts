import { z } from 'zod';

import { librarySchema } from '../../../contracts/library.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { listLibraries as selectLibraries } from '../../../db/libraries/list-libraries.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('libraries', cursorKey.text);

export const listLibraries = defineEndpoint({
  id: 'listLibraries',
  method: 'get',
  path: '/api/libraries',
  tag: 'libraries',
  summary: 'List libraries by name',
  auth: 'apiKey',
  failures: [],
  input: { query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of libraries', schema: pageOf(librarySchema) },
  handler: async ({ query }, { deps, principal }) => {
    const after = cursor.decode(query.cursor);
    const rows = await withOrg(deps.database, principal.orgId, (tx) =>
      selectLibraries(tx, principal.orgId, { after, rows: query.limit + 1 }),
    );
    return cursor.page(rows, query.limit, (row) => row.name);
  },
});
