import type { NewRunRequest } from '../contracts/run.ts';
import { findProject } from '../db/projects/find-project.ts';
import { findTarget } from '../db/targets/find-target.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import { checkRunRoom } from '../db/usage/check-run-room.ts';
import { loadLimits } from '../db/usage/load-limits.ts';
import { waysOf } from '../domain/generation/variety.ts';
import type { OrgId, ProjectId } from '../domain/ids.ts';
import { goalScripts } from './goal-scripts.ts';
import { refuseIdleStrategies } from './refuse-idle-strategies.ts';
import { requireFound } from '../domain/require-found.ts';
import { requireConfirmations } from './require-start.ts';
import { resolveRunOptions } from './resolve-run-options.ts';
import { resolveScripts } from './resolve-scripts.ts';
import { resolveStrategies } from './resolve-strategies.ts';
import { resolveVariety } from './resolve-variety.ts';

export interface AskedRun {
  readonly orgId: OrgId;
  readonly projectId: ProjectId;
  readonly body: NewRunRequest;
  /** The operator's cap on the duration of a run. */
  readonly maxDurationMinutes: number;
  /** It is planned, and not to start before it is executed. */
  readonly isHeld?: boolean;
}

/**
 * What is asked for, as a run is planned from it; throws `not_found` or `invalid_request` for what can never be run. Whether a run
 * may start now is another question: see `resolveRun`.
 */
export async function resolveAsked(tx: OrgTransaction, { orgId, projectId, body, maxDurationMinutes }: AskedRun) {
  const project = requireFound(await findProject(tx, orgId, projectId), 'project', projectId);
  const found = await findTarget(tx, orgId, body.targetId);
  const target = requireFound(found?.projectId === projectId ? found : undefined, 'target of this project', body.targetId);
  const { limits } = await loadLimits(tx, orgId);
  const options = resolveRunOptions(body, { maxDurationMinutes, planMinutes: limits.runMinutes });
  const strategies = resolveStrategies(body);
  const variety = resolveVariety(body, project);
  const goals = goalScripts(body.goals ?? []);
  const variants = waysOf(variety, strategies).length;
  const scripts = await resolveScripts(tx, orgId, { slugs: body.scripts, categories: body.categories, goals, variants });
  refuseIdleStrategies(scripts, strategies);
  return { target, limits, options, strategies, variety, scripts };
}

/** All that a run is planned from; throws what `resolveAsked`, `requireConfirmations` and `checkRunRoom` throw for what cannot be run now. */
export async function resolveRun(tx: OrgTransaction, asked: AskedRun) {
  const { orgId, projectId, isHeld = false } = asked;
  const { limits, ...resolved } = await resolveAsked(tx, asked);
  const guard = await requireConfirmations(tx, orgId, projectId);
  await checkRunRoom(tx, orgId, { limits, isHeld });
  return { ...resolved, guard };
}
