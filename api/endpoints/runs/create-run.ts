import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { newRunSchema, runSchema } from '../../../contracts/run.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { findProject } from '../../../db/projects/find-project.ts';
import { insertRun } from '../../../db/runs/insert-run.ts';
import { loadRun } from '../../../db/runs/list-runs.ts';
import { findTarget } from '../../../db/targets/find-target.ts';
import { loadLimits } from '../../../db/usage/load-limits.ts';
import { waysOf } from '../../../domain/generation/variety.ts';
import { newId } from '../../../runtime/new-id.ts';
import { defineChange } from '../../define-endpoint.ts';
import { goalScripts } from '../../goal-scripts.ts';
import { requireFound } from '../../require-found.ts';
import { requireConfirmations, requireNoHalt } from '../../require-start.ts';
import { resolveRunOptions } from '../../resolve-run-options.ts';
import { resolveScripts } from '../../resolve-scripts.ts';
import { refuseIdleStrategies } from '../../refuse-idle-strategies.ts';
import { resolveStrategies } from '../../resolve-strategies.ts';
import { resolveVariety } from '../../resolve-variety.ts';

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
  change: async (tx, { params, body }, { deps, principal, requestId }) => {
    const { orgId, actor } = principal;
    const { projectId } = params;
    const project = requireFound(await findProject(tx, orgId, projectId), 'project', projectId);
    const found = await findTarget(tx, orgId, body.targetId);
    const target = requireFound(found?.projectId === projectId ? found : undefined, 'target of this project', body.targetId);
    const guard = await requireConfirmations(tx, orgId, projectId);
    const { limits } = await loadLimits(tx, orgId);
    const options = resolveRunOptions(body, { maxDurationMinutes: deps.maxRunDurationMinutes, planMinutes: limits.runMinutes });
    const strategies = resolveStrategies(body);
    const variety = resolveVariety(body, project);
    const goals = goalScripts(body.goals ?? []);
    const variants = waysOf(variety, strategies).length;
    const scripts = await resolveScripts(tx, orgId, { slugs: body.scripts, categories: body.categories, goals, variants });
    refuseIdleStrategies(scripts, strategies);
    const runId = newId('run');
    await insertRun(tx, {
      orgId,
      runId,
      projectId,
      target,
      scripts,
      strategies,
      variety,
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
