import { holdNextCleanup } from '../db/cleanups/hold-cleanup.ts';
import { settleCleanup } from '../db/cleanups/settle-cleanup.ts';
import { insertAudit } from '../db/insert-audit.ts';
import { requestStop } from '../db/runs/request-stop.ts';
import { withOrg } from '../db/with-org.ts';
import { failures, isFailureName } from '../domain/failures.ts';
import { workflowMessage } from './change-control.ts';
import type { CleanupMoved, RunRef } from './run-activities.ts';
import type { StepDependencies } from './step-dependencies.ts';

/** The activity of the next cleanup broke down for good: it is given up, and told as what its ledger says of it. */
export function settleBrokenCleanup(
  { database }: StepDependencies,
  { detail, ...run }: RunRef & { readonly detail: string },
): Promise<CleanupMoved> {
  return withOrg(database, run.orgId, async (tx) => {
    const work = await holdNextCleanup(tx, run);
    if (work === undefined) return { kind: 'done' };
    const failure = isFailureName(detail) ? detail : 'internal';
    const state = work.attempts.at(-1)?.state === 'indeterminate' ? 'indeterminate' : 'failed';
    await settleCleanup(tx, work.held, { state, failure, detail: `${failures[failure].title}.` });
    return { kind: 'go_on', afterMs: 0 };
  });
}

/** Ends the cleanup of a run for somebody who has only signalled its workflow. */
export function stopCleanup({ database }: StepDependencies, run: RunRef, by: string): Promise<void> {
  return withOrg(database, run.orgId, async (tx) => {
    if ((await requestStop(tx, { ...run, requestedBy: by, actor: workflowMessage })) !== 'cleanup_stopping') return;
    const object = { objectType: 'run', objectId: run.runId };
    await insertAudit(tx, { orgId: run.orgId, actor: workflowMessage, action: 'run.stop_cleanup', ...object });
  });
}
