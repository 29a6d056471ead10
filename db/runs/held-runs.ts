import { sql } from 'kysely';

import type { GuardSnapshot } from '../../domain/production-guard.ts';
import type { FindingId, ProjectId } from '../../domain/ids.ts';
import { holdHours } from '../../domain/held-run.ts';
import { admitExecution } from '../usage/admit-run.ts';
import type { OrgTransaction } from '../with-org.ts';
import { finalizeRun } from './finalize-run.ts';
import type { RunKey } from './step-key.ts';

export interface HoldState {
  readonly projectId: ProjectId;
  /** `over`: its time is, or it was stopped; it ends within seconds. `released`: it is not held, or no more. */
  readonly hold: 'held' | 'over' | 'released';
  /** Whether its target is still what it was when the run was planned. */
  readonly isTargetSame: boolean;
}

/** How a run is held, locked: whoever executes it, stops it or ends it does so one after the other. */
export async function lockHold(tx: OrgTransaction, { orgId, runId }: RunKey): Promise<HoldState | undefined> {
  const row = await tx
    .selectFrom('runs')
    .select(['project_id', 'held_until'])
    .select(sql<boolean>`held_until <= now() or stop_requested_at is not null or status <> 'queued'`.as('is_over'))
    .select(
      sql<boolean>`target_definition = (select t.definition from targets t where t.org_id = runs.org_id and t.target_id = runs.target_id)`.as(
        'is_target_same',
      ),
    )
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const projectId = row.project_id as ProjectId;
  const isTargetSame = row.is_target_same;
  if (row.held_until === null) return { projectId, isTargetSame, hold: 'released' };
  return { projectId, isTargetSame, hold: row.is_over ? 'over' : 'held' };
}

/** Lets a held run, which is locked, start as any other. Throws `quota_exceeded` where there is no room for one more at once. */
export async function releaseHold(
  tx: OrgTransaction,
  { orgId, runId, guard, executedBy }: RunKey & { readonly guard: GuardSnapshot; readonly executedBy: string },
): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ held_until: null, executed_by: executedBy, guard: JSON.stringify(guard) })
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .execute();
  await admitExecution(tx, orgId);
}

/** Ends a held run whose time is over, or that was stopped; false when it was executed in the meantime. */
export async function endHold(tx: OrgTransaction, run: RunKey & { readonly newFindingId: () => FindingId }): Promise<boolean> {
  const state = await lockHold(tx, run);
  if (state?.hold !== 'over') return false;
  // A stop counts for more: see `finalizeRun`.
  const stopped = await tx
    .selectFrom('runs')
    .select('stop_requested_by')
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .executeTakeFirstOrThrow();
  const by = stopped.stop_requested_by;
  await finalizeRun(tx, { ...run, ending: by === null ? { kind: 'hold_expired', hours: holdHours } : { kind: 'stop_requested', by } });
  return true;
}
