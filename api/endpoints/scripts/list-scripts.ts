import { z } from 'zod';

import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { scriptSchema } from '../../../contracts/script-record.ts';
import { listScripts as selectScripts } from '../../../db/scripts/list-scripts.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('scripts', cursorKey.text);

export const listScripts = defineEndpoint({
  id: 'listScripts',
  method: 'get',
  path: '/api/scripts',
  tag: 'scripts',
  summary: 'List scripts by slug',
  auth: 'apiKey',
  failures: [],
  input: { query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of scripts', schema: pageOf(scriptSchema) },
  handler: async ({ query }, { deps, principal }) => {
    const after = cursor.decode(query.cursor);
    const rows = await withOrg(deps.database, principal.orgId, (tx) =>
      selectScripts(tx, principal.orgId, { after, rows: query.limit + 1 }),
    );
    return cursor.page(rows, query.limit, (row) => row.slug);
  },
});
