import { sql } from 'kysely';

import type { OrgId, ProjectId, RunId } from '../../domain/ids.ts';
import { guardStatements, lapsedConfirmations, type GuardSnapshot } from '../../domain/production-guard.ts';
import type { RunEnding } from '../../domain/run-ending.ts';
import type { OrgTransaction } from '../with-org.ts';
import { findHalt } from './emergency-stop.ts';
import { loadGuard } from './load-guard.ts';

/**
 * Why a run that has not begun may not begin any more: what was confirmed when it was asked for may have been voided since. A run
 * has begun with its first request; until then it may have waited for people.
 */
export async function startObstacle(tx: OrgTransaction, { orgId, runId }: { orgId: OrgId; runId: RunId }): Promise<RunEnding | null> {
  const run = await tx
    .selectFrom('runs')
    .select(['project_id', 'guard'])
    .select(sql<boolean>`exists (select from attempts a where a.org_id = runs.org_id and a.run_id = runs.run_id)`.as('has_begun'))
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow();
  if (run.has_begun) return null;
  const halt = await findHalt(tx, orgId);
  if (halt !== undefined) return { kind: 'guard_closed', detail: `an emergency stop by ${halt.haltedBy} is in force.` };
  const guard = await loadGuard(tx, orgId, run.project_id as ProjectId);
  const lapsed = guard === undefined ? [] : lapsedConfirmations(run.guard as GuardSnapshot | null, guard);
  if (lapsed.length === 0) return null;
  const statements = lapsed.map((name) => `"${guardStatements[name]}"`).join(' ');
  return {
    kind: 'guard_closed',
    detail: `the project is production, and what this run was started under is not confirmed any more: ${statements}`,
  };
}
