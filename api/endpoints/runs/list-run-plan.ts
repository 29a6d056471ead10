import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { pageQueryShape } from '../../../contracts/page.ts';
import { planPageSchema, type PlanRowView } from '../../../contracts/plan.ts';
import { listPlan } from '../../../db/runs/list-plan.ts';
import { withOrg } from '../../../db/with-org.ts';
import { assessPlan } from '../../../planning/assess-plan.ts';
import { previewProbe } from '../../../planning/preview-plan.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { loadPlan } from '../../load-plan.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('plan', z.strictObject({ sequenceNo: cursorKey.no, position: cursorKey.no }));

export const listRunPlan = defineEndpoint({
  id: 'listRunPlan',
  method: 'get',
  path: '/api/runs/:runId/plan',
  tag: 'runs',
  summary:
    'List the plan of a run, which was fixed when it was planned: each first request as it will be sent, its risk, and what would wait',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ runId: idSchema('run') }), query: z.strictObject(pageQueryShape) },
  output: {
    status: 200,
    description: 'A page of the plan, in order: as many rows as were asked for, or fewer when they are long',
    schema: planPageSchema,
  },
  handler: ({ params: { runId }, query }, { deps, principal: { orgId } }) => {
    const after = cursor.decode(query.cursor);
    return withOrg(deps.database, orgId, async (tx) => {
      const plan = await loadPlan(tx, deps, { orgId, runId });
      const rows = (await listPlan(tx, { orgId, runId, after, rows: query.limit + 1 })).map((probe) => previewProbe(plan, probe));
      const page = cursor.page(rows, Math.min(query.limit, fitting(rows)), ({ sequenceNo, position }) => ({ sequenceNo, position }));
      if (after !== undefined) return { ...page, plan: null };
      const { needsRunApproval, risk, counts } = await assessPlan(tx, plan);
      return { ...page, plan: { needsRunApproval, worstRisk: risk.level, counts } };
    });
  },
});

/** In UTF-16 units of JSON. */
const maxPageLength = 500_000;

/** How many of these rows a page holds; one at least. */
function fitting(rows: readonly PlanRowView[]): number {
  let length = 0;
  const tooMany = rows.findIndex((row) => (length += JSON.stringify(row).length) > maxPageLength);
  return tooMany === -1 ? rows.length : Math.max(1, tooMany);
}
