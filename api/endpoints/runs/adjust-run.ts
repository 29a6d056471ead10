import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { runAdjustmentSchema, runSchema } from '../../../contracts/run.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { adjustRun as adjust } from '../../../db/runs/adjust-run.ts';
import { loadRun } from '../../../db/runs/list-runs.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';
import { refuseEndedRun } from '../../refuse-ended-run.ts';
import { tellWorkflow } from '../../tell-workflow.ts';

export const adjustRun = defineChange({
  id: 'adjustRun',
  method: 'post',
  path: '/api/runs/:runId/adjust',
  tag: 'runs',
  summary: 'Change how many requests a run makes at once or in a minute, from its next request on',
  auth: 'apiKey',
  rateClass: 'execute',
  failures: ['conflict'],
  input: { params: z.object({ runId: idSchema('run') }), body: runAdjustmentSchema },
  output: { status: 200, description: 'The run with the options that are in force now', schema: runSchema },
  change: async (tx, { params, body: adjustment }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const { runId } = params;
    const result = await adjust(tx, { orgId, runId, requestedBy: actor, adjustment });
    if (result === 'stopping' || result === 'ended') refuseEndedRun(runId, result);
    const run = requireFound(result === 'not_found' ? undefined : await loadRun(tx, orgId, runId), 'run', runId);
    const detail = { ...adjustment };
    await insertAudit(tx, { orgId, actor, requestId, action: 'run.adjust', objectType: 'run', objectId: runId, detail });
    return { body: run };
  },
  afterCommit: ({ runId }, context) => tellWorkflow(runId, context),
});
