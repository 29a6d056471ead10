import type { OrgId, ProjectId, RunId } from '../../domain/ids.ts';
import { guardStatements, missingConfirmations } from '../../domain/production-guard.ts';
import type { RunEnding } from '../../domain/run-ending.ts';
import type { OrgTransaction } from '../with-org.ts';
import { findHalt } from './emergency-stop.ts';
import { loadGuard } from './load-guard.ts';

/** Why a run that has not begun may not begin any more: what was confirmed when it was asked for may have been voided since. */
export async function startObstacle(tx: OrgTransaction, { orgId, runId }: { orgId: OrgId; runId: RunId }): Promise<RunEnding | null> {
  const run = await tx
    .selectFrom('runs')
    .select(['project_id', 'status'])
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow();
  if (run.status !== 'queued') return null;
  const halt = await findHalt(tx, orgId);
  if (halt !== undefined) return { kind: 'guard_closed', detail: `an emergency stop by ${halt.haltedBy} is in force.` };
  const guard = await loadGuard(tx, orgId, run.project_id as ProjectId);
  const missing = guard === undefined ? [] : missingConfirmations(guard);
  if (missing.length === 0) return null;
  const statements = missing.map((name) => `"${guardStatements[name]}"`).join(' ');
  return { kind: 'guard_closed', detail: `the project is production, and this is not confirmed any more: ${statements}` };
}
