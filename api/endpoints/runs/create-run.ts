import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { newRunSchema, runSchema } from '../../../contracts/run.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { insertRun } from '../../../db/runs/insert-run.ts';
import { loadRun } from '../../../db/runs/list-runs.ts';
import { withOrg } from '../../../db/with-org.ts';
import { newId } from '../../../runtime/new-id.ts';
import { defineChange } from '../../define-endpoint.ts';
import { requireFound } from '../../require-found.ts';
import { requireNoHalt } from '../../require-start.ts';
import { resolveRun } from '../../resolve-run.ts';
import { writeMissingPrompts } from '../../write-missing-prompts.ts';

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
  input: { params: z.object({ projectId: idSchema('project') }), body: newRunSchema },
  output: { status: 202, description: 'The run is planned and will start, even if Temporal is away at the moment', schema: runSchema },
  prepare: async ({ params: { projectId }, body }, { deps, principal: { orgId } }) => {
    if (deps.models.names('generator').length === 0) return null;
    const asked = { orgId, projectId, body, maxDurationMinutes: deps.maxRunDurationMinutes };
    const { scripts, variety } = await withOrg(deps.database, orgId, async (tx) => {
      await requireNoHalt(tx, orgId);
      return resolveRun(tx, asked);
    });
    return writeMissingPrompts(deps, { orgId, scripts, variety });
  },
  change: async (tx, { params, body, prepared: modelFault }, { deps, principal, requestId }) => {
    const { orgId, actor } = principal;
    const { projectId } = params;
    const asked = { orgId, projectId, body, maxDurationMinutes: deps.maxRunDurationMinutes };
    const { target, guard, scripts, strategies, variety, options } = await resolveRun(tx, asked);
    const runId = newId('run');
    await insertRun(tx, {
      orgId,
      runId,
      projectId,
      target,
      scripts,
      strategies,
      variety,
      modelFault,
      options,
      guard,
      requestedBy: actor,
      newProbeId: () => newId('probe'),
    });
    const detail = {
      projectId,
      targetId: target.targetId,
      scripts: scripts.map(({ slug, version }) => `${slug}@${version}`),
      ...(body.categories === undefined ? {} : { categories: body.categories }),
      strategies,
      ...variety,
    };
    await insertAudit(tx, { orgId, actor, requestId, action: 'run.create', objectType: 'run', objectId: runId, detail });
    await requireNoHalt(tx, orgId);
    return { body: requireFound(await loadRun(tx, orgId, runId), 'run', runId) };
  },
  afterCommit: async ({ runId }, { deps, principal, log }) => {
    try {
      await deps.runs.start(principal.orgId, runId);
    } catch (error) {
      log.warn({ err: error, runId }, 'the run is stored but not started; the reconciler will start it');
    }
  },
});
