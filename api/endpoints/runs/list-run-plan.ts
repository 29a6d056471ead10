import { z } from 'zod';

import { planRowSchema } from '../../../contracts/generation.ts';
import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { listPlan } from '../../../db/runs/list-plan.ts';
import { findRunStatus } from '../../../db/runs/read-run-feed.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor(
  'plan',
  z.strictObject({ sequenceNo: z.int().min(0).max(2_147_483_647), position: z.int().min(0).max(2_147_483_647) }),
);

export const listRunPlan = defineEndpoint({
  id: 'listRunPlan',
  method: 'get',
  path: '/api/runs/:runId/plan',
  tag: 'runs',
  summary: 'List the plan of a run, which was fixed when it was started',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ runId: idSchema('run') }), query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of the plan, in order', schema: pageOf(planRowSchema) },
  handler: async ({ params, query }, { deps, principal }) => {
    const { runId } = params;
    const page = { orgId: principal.orgId, runId, after: cursor.decode(query.cursor), rows: query.limit + 1 };
    const rows = await withOrg(deps.database, principal.orgId, async (tx) => {
      requireFound(await findRunStatus(tx, principal.orgId, runId), 'run', runId);
      return listPlan(tx, page);
    });
    return cursor.page(rows, query.limit, ({ sequenceNo, position }) => ({ sequenceNo, position }));
  },
});
