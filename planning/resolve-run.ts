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

/** All that a run is planned from; throws `not_found`, `invalid_request` or what `requireConfirmations` throws for what cannot be run. */
export async function resolveRun(tx: OrgTransaction, { orgId, projectId, body, maxDurationMinutes, isHeld = false }: AskedRun) {
  const project = requireFound(await findProject(tx, orgId, projectId), 'project', projectId);
  const found = await findTarget(tx, orgId, body.targetId);
  const target = requireFound(found?.projectId === projectId ? found : undefined, 'target of this project', body.targetId);
  const guard = await requireConfirmations(tx, orgId, projectId);
  const { limits } = await loadLimits(tx, orgId);
  await checkRunRoom(tx, orgId, { limits, isHeld });
  const options = resolveRunOptions(body, { maxDurationMinutes, planMinutes: limits.runMinutes });
  const strategies = resolveStrategies(body);
  const variety = resolveVariety(body, project);
  const goals = goalScripts(body.goals ?? []);
  const variants = waysOf(variety, strategies).length;
  const scripts = await resolveScripts(tx, orgId, { slugs: body.scripts, categories: body.categories, goals, variants });
  refuseIdleStrategies(scripts, strategies);
  return { target, guard, options, strategies, variety, scripts };
}
