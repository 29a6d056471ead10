import { z } from 'zod';

import { findingSchema } from '../../../contracts/finding.ts';
import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { listFindings } from '../../../db/runs/list-findings.ts';
import { findRunStatus } from '../../../db/runs/read-run-feed.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('findings', z.strictObject({ rank: z.int().min(1).max(4), findingId: cursorKey.text }));

export const listRunFindings = defineEndpoint({
  id: 'listRunFindings',
  method: 'get',
  path: '/api/runs/:runId/findings',
  tag: 'runs',
  summary: 'List the findings of a run that has ended, worst first, with their evidence',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ runId: idSchema('run') }), query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of findings', schema: pageOf(findingSchema) },
  handler: async ({ params, query }, { deps, principal }) => {
    const { runId } = params;
    const after = cursor.decode(query.cursor);
    const rows = await withOrg(deps.database, principal.orgId, async (tx) => {
      requireFound(await findRunStatus(tx, principal.orgId, runId), 'run', runId);
      return listFindings(tx, principal.orgId, { runId, after, rows: query.limit + 1 });
    });
    const { items, nextCursor } = cursor.page(rows, query.limit, ({ rank, findingId }) => ({ rank, findingId }));
    return { items: items.map(({ rank: _rank, ...finding }) => finding), nextCursor };
  },
});
