import { z } from 'zod';

import { cleanupSchema } from '../../../contracts/cleanup.ts';
import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { listCleanups } from '../../../db/cleanups/list-cleanups.ts';
import { findRunStatus } from '../../../db/runs/read-run-feed.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('cleanups', z.strictObject({ orderNo: cursorKey.no, cleanupId: cursorKey.text }));

export const listRunCleanups = defineEndpoint({
  id: 'listRunCleanups',
  method: 'get',
  path: '/api/runs/:runId/cleanups',
  tag: 'runs',
  summary: 'List what a run cleans up at its end, in the order in which it does, and what became of it',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ runId: idSchema('run') }), query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of cleanups', schema: pageOf(cleanupSchema) },
  handler: async ({ params, query }, { deps, principal }) => {
    const { runId } = params;
    const after = cursor.decode(query.cursor);
    const rows = await withOrg(deps.database, principal.orgId, async (tx) => {
      requireFound(await findRunStatus(tx, principal.orgId, runId), 'run', runId);
      return listCleanups(tx, principal.orgId, { runId, after, rows: query.limit + 1 });
    });
    const { items, nextCursor } = cursor.page(rows, query.limit, ({ place, cleanupId }) => ({ orderNo: place, cleanupId }));
    return { items: items.map(({ place: _place, ...cleanup }) => cleanup), nextCursor };
  },
});
