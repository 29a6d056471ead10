import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { runSchema } from '../../../contracts/run.ts';
import { loadRun } from '../../../db/runs/list-runs.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { retryRun as planRetry } from '../../../planning/retry-run.ts';
import { defineChange } from '../../define-endpoint.ts';
import { startPlanned } from '../../start-planned.ts';

/** A plan of 20,000 steps takes some seconds to store. */
const timeoutMs = 14_000;

export const retryRun = defineChange({
  id: 'retryRun',
  method: 'post',
  path: '/api/runs/:runId/retry',
  tag: 'runs',
  summary: 'Start a new run of the probes of an ended run that are inconclusive or were not run',
  auth: 'apiKey',
  rateClass: 'execute',
  failures: ['quota_exceeded', 'production_unconfirmed', 'halted', 'conflict'],
  timeoutMs,
  input: { params: z.object({ runId: idSchema('run') }) },
  output: { status: 202, description: 'The new run, with the same prompts and seeds; `retryOf` is the old one', schema: runSchema },
  change: async (tx, { params: { runId } }, { deps, principal: { orgId, actor }, requestId }) => {
    const retried = await planRetry(tx, { orgId, actor, requestId, maxDurationMinutes: deps.maxRunDurationMinutes }, runId);
    return { body: requireFound(await loadRun(tx, orgId, retried), 'run', retried) };
  },
  afterCommit: ({ runId }, context) => startPlanned(runId, context),
});
