import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { runSchema } from '../../../contracts/run.ts';
import { loadRun } from '../../../db/runs/list-runs.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { isTerminal } from '../../../domain/run-state.ts';
import { executeRun as releaseRun } from '../../../planning/execute-run.ts';
import { defineChange } from '../../define-endpoint.ts';
import { startPlanned } from '../../start-planned.ts';

export const executeRun = defineChange({
  id: 'executeRun',
  method: 'post',
  path: '/api/runs/:runId/execute',
  tag: 'runs',
  summary: 'Start a run that was planned with `start: false`, as it was planned; a run that was started stays as it is',
  auth: 'apiKey',
  rateClass: 'execute',
  failures: ['quota_exceeded', 'production_unconfirmed', 'halted', 'conflict'],
  input: { params: z.object({ runId: idSchema('run') }) },
  output: { status: 202, description: 'The run will start, or was started before', schema: runSchema },
  change: async (tx, { params: { runId } }, { principal: { orgId, actor }, requestId }) => {
    const isReleased = await releaseRun(tx, { orgId, runId, actor, requestId });
    return { changesNothing: !isReleased, body: requireFound(await loadRun(tx, orgId, runId), 'run', runId) };
  },
  afterCommit: async ({ runId, status }, context) => {
    if (!isTerminal(status)) await startPlanned(runId, context);
  },
});
