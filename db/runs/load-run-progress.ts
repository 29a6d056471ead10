import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import { zeroOutcomeCounts, type Outcome } from '../../domain/outcome.ts';
import type { RunPhase, RunProgress } from '../../domain/run-progress.ts';
import { isTerminal, type RunStatus } from '../../domain/run-state.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Where a run stands by its rows. They do not know which steps are in flight. */
export async function loadRunProgress(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<RunProgress | undefined> {
  const run = await tx
    .selectFrom('runs')
    .select(['status', 'deadline_at', 'stop_requested_at', 'cleanup_begun_at'])
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .executeTakeFirst();
  if (run === undefined) return undefined;
  const groups = await tx
    .selectFrom('probes')
    .select(['outcome', sql<number>`count(*)::int`.as('count')])
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .groupBy('outcome')
    .execute();
  const outcomes = zeroOutcomeCounts();
  let stepsTotal = 0;
  for (const { outcome, count } of groups) {
    stepsTotal += count;
    if (outcome !== null) outcomes[outcome as Outcome] += count;
  }
  const stepsDone = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return {
    status: run.status as RunStatus,
    phase: phaseOf(run.status as RunStatus, run),
    stepsDone,
    stepsTotal,
    outcomes,
    currentSteps: [],
    pendingApprovals: [],
    deadlineMs: run.deadline_at?.getTime() ?? null,
  };
}

function phaseOf(status: RunStatus, run: { readonly stop_requested_at: Date | null; readonly cleanup_begun_at: Date | null }): RunPhase {
  if (isTerminal(status)) return 'ended';
  if (run.cleanup_begun_at !== null) return 'cleaning_up';
  if (run.stop_requested_at !== null) return 'stopping';
  return status === 'queued' ? 'planning' : 'running';
}
