import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { runSchema } from '../../../contracts/run.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { loadRun } from '../../../db/runs/list-runs.ts';
import { resumeRun as resume } from '../../../db/runs/pause-run.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';
import { refuseEndedRun } from '../../refuse-ended-run.ts';
import { tellWorkflow } from '../../tell-workflow.ts';

export const resumeRun = defineChange({
  id: 'resumeRun',
  method: 'post',
  path: '/api/runs/:runId/resume',
  tag: 'runs',
  summary: 'Let a paused run go on; its deadline is later by as long as it was paused',
  auth: 'apiKey',
  rateClass: 'execute',
  failures: ['conflict'],
  input: { params: z.object({ runId: idSchema('run') }) },
  output: { status: 200, description: 'The run is not paused any more, or was not', schema: runSchema },
  change: async (tx, { params }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const { runId } = params;
    const result = await resume(tx, { orgId, runId, requestedBy: actor });
    if (result === 'stopping' || result === 'ended') refuseEndedRun(runId, result);
    const run = requireFound(result === 'not_found' ? undefined : await loadRun(tx, orgId, runId), 'run', runId);
    if (result === 'resumed') await insertAudit(tx, { orgId, actor, requestId, action: 'run.resume', objectType: 'run', objectId: runId });
    return { changesNothing: result === 'not_paused', body: run };
  },
  afterCommit: ({ runId }, context) => tellWorkflow(runId, context),
});
