import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { runStopSchema } from '../../../contracts/run.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { loadRun } from '../../../db/runs/list-runs.ts';
import { requestStop } from '../../../db/runs/request-stop.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';

export const stopRun = defineChange({
  id: 'stopRun',
  method: 'post',
  path: '/api/runs/:runId/stop',
  tag: 'runs',
  summary: 'Stop a run: once this is answered, no further request of it reaches the target',
  auth: 'apiKey',
  rateClass: 'none',
  failures: [],
  input: { params: z.object({ runId: idSchema('run') }) },
  output: {
    status: 202,
    description: 'The run takes no further step and is ending',
    schema: runStopSchema,
    alsoStatus: [{ status: 200, description: 'The run has ended already, as shown' }],
  },
  change: async (tx, { params }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const { runId } = params;
    const result = await requestStop(tx, { orgId, runId, requestedBy: actor });
    const run = requireFound(result === 'not_found' ? undefined : await loadRun(tx, orgId, runId), 'run', runId);
    if (result === 'stopping') await insertAudit(tx, { orgId, actor, requestId, action: 'run.stop', objectType: 'run', objectId: runId });
    const { stopRequestedAt, stopRequestedBy } = run;
    const stop = { runId, stopRequestedAt, stopRequestedBy };
    if (result === 'already_ended') return { status: 200, changesNothing: true, body: { ...stop, state: 'ended' as const, run } };
    return { changesNothing: result !== 'stopping', body: { ...stop, state: 'stopping' as const, run: null } };
  },
  afterCommit: async ({ runId, state, stopRequestedBy }, { deps, log }) => {
    if (state === 'ended') return;
    try {
      await deps.runs.signalStop(runId, stopRequestedBy ?? 'unknown');
    } catch (error) {
      log.warn({ err: error, runId }, 'the stop is stored but not signalled; the reconciler will signal it');
    }
  },
});
