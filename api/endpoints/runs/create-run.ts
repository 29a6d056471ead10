import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { createRunSchema, runSchema } from '../../../contracts/run.ts';
import { loadRun } from '../../../db/runs/list-runs.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { planRun, preparePrompts } from '../../../planning/plan-run.ts';
import { defineChange } from '../../define-endpoint.ts';
import { startPlanned } from '../../start-planned.ts';

/** A plan of 20,000 steps takes some seconds to store. */
const timeoutMs = 14_000;

export const createRun = defineChange({
  id: 'createRun',
  method: 'post',
  path: '/api/projects/:projectId/runs',
  tag: 'runs',
  summary: 'Start a run',
  auth: 'apiKey',
  rateClass: 'execute',
  failures: ['quota_exceeded', 'production_unconfirmed', 'halted'],
  timeoutMs,
  input: { params: z.object({ projectId: idSchema('project') }), body: createRunSchema },
  output: { status: 202, description: 'The run is planned and will start, even if Temporal is away at the moment', schema: runSchema },
  prepare: ({ params: { projectId }, body: { start, ...body } }, { deps, principal: { orgId } }) =>
    preparePrompts(deps, { orgId, projectId, body, isHeld: !start, maxDurationMinutes: deps.maxRunDurationMinutes }),
  change: async (tx, { params: { projectId }, body: { start, ...body }, prepared: modelFault }, { deps, principal, requestId }) => {
    const { orgId, actor } = principal;
    const asked = { orgId, projectId, body, isHeld: !start, maxDurationMinutes: deps.maxRunDurationMinutes };
    const runId = await planRun(tx, { asked, actor, requestId, modelFault });
    return { body: requireFound(await loadRun(tx, orgId, runId), 'run', runId) };
  },
  afterCommit: async ({ runId, heldUntil }, context) => {
    if (heldUntil === null) await startPlanned(runId, context);
  },
});
