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
  summary: 'Stop a run: once this is answered, no further step reaches the target. Stopped again while it cleans up, it leaves that too',
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
    const isStop = result === 'stopping' || result === 'cleanup_stopping';
    const action = result === 'stopping' ? 'run.stop' : 'run.stop_cleanup';
    if (isStop) await insertAudit(tx, { orgId, actor, requestId, action, objectType: 'run', objectId: runId });
    // What had finished its steps was never stopped itself.
    const stopRequestedAt = run.stopRequestedAt ?? run.cleanupStopRequestedAt;
    const stopRequestedBy = run.stopRequestedBy ?? run.cleanupStopRequestedBy;
    const stop = { runId, stopRequestedAt, stopRequestedBy };
    if (result === 'already_ended')
      return { status: 200, changesNothing: true, body: { ...stop, state: 'ended' as const, cleanup: null, run } };
    const cleanup = run.cleanupStopRequestedAt === null ? ('follows' as const) : ('stopped' as const);
    return { changesNothing: !isStop, body: { ...stop, state: 'stopping' as const, cleanup, run: null } };
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
