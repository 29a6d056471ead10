import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { runSchema } from '../../../contracts/run.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { loadRun } from '../../../db/runs/list-runs.ts';
import { pauseRun as pause } from '../../../db/runs/pause-run.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';
import { refuseEndedRun } from '../../refuse-ended-run.ts';
import { tellWorkflow } from '../../tell-workflow.ts';

export const pauseRun = defineChange({
  id: 'pauseRun',
  method: 'post',
  path: '/api/runs/:runId/pause',
  tag: 'runs',
  summary: 'Pause a run: once this is answered, none of its requests starts until it is resumed; those in flight end as they would',
  auth: 'apiKey',
  rateClass: 'execute',
  failures: ['conflict'],
  input: { params: z.object({ runId: idSchema('run') }) },
  output: { status: 200, description: 'The run is paused, by this request or already', schema: runSchema },
  change: async (tx, { params }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const { runId } = params;
    const result = await pause(tx, { orgId, runId, requestedBy: actor });
    if (result === 'stopping' || result === 'ended') refuseEndedRun(runId, result);
    if (result === 'used_up') throw new OrdealError('conflict', `${runId} has been paused for as long as its maxPausedMinutes allows.`);
    const run = requireFound(result === 'not_found' ? undefined : await loadRun(tx, orgId, runId), 'run', runId);
    if (result === 'paused') await insertAudit(tx, { orgId, actor, requestId, action: 'run.pause', objectType: 'run', objectId: runId });
    return { changesNothing: result === 'already_paused', body: run };
  },
  afterCommit: ({ runId }, context) => tellWorkflow(runId, context),
});
