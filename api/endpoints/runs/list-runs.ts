import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { runSchema } from '../../../contracts/run.ts';
import { listRuns as selectRuns } from '../../../db/runs/list-runs.ts';
import { withOrg } from '../../../db/with-org.ts';
import { runStatuses } from '../../../domain/run-state.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('runs', cursorKey.text);

export const listRuns = defineEndpoint({
  id: 'listRuns',
  method: 'get',
  path: '/api/runs',
  tag: 'runs',
  summary: 'List runs, newest first',
  auth: 'apiKey',
  failures: [],
  input: {
    query: z.strictObject({
      ...pageQueryShape,
      projectId: idSchema('project').optional(),
      retryOf: idSchema('run').optional().meta({ description: 'Only retries of this run' }),
      status: z.enum(runStatuses, `must be one of ${runStatuses.join(', ')}`).optional(),
    }),
  },
  output: { status: 200, description: 'A page of runs', schema: pageOf(runSchema) },
  handler: async ({ query }, { deps, principal }) => {
    const { projectId, status, retryOf } = query;
    const filter = { projectId, status, retryOf, before: cursor.decode(query.cursor), rows: query.limit + 1 };
    const rows = await withOrg(deps.database, principal.orgId, (tx) => selectRuns(tx, principal.orgId, filter));
    return cursor.page(rows, query.limit, (row) => row.runId);
  },
});
