import { adjustRun, type AdjustResult } from '../db/runs/adjust-run.ts';
import { insertAudit } from '../db/insert-audit.ts';
import { loadRunControl, takeNoticeOfControl } from '../db/runs/load-run-control.ts';
import { pauseRun, resumeRun } from '../db/runs/pause-run.ts';
import { withOrg, type OrgTransaction } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import type { ControlChange, RunControl } from '../domain/run-control.ts';
import type { RunAdjustment } from '../domain/run-options.ts';
import type { RunRef } from './run-activities.ts';
import type { StepDependencies } from './step-dependencies.ts';

/** Who signals or updates a workflow is known to Temporal alone; what such a one says of itself is not a principal. */
export const workflowMessage = 'workflow_message';

/** Does what a signal asks for, where it changes anything, and tells how the run is to be worked on from now on. */
export function changeControl({ database }: StepDependencies, run: RunRef, change: ControlChange): Promise<RunControl> {
  return withOrg(database, run.orgId, async (tx) => {
    if (await applyChange(tx, run, change)) await insertAudit(tx, { ...entryOf(run), action: `run.${change.kind}` });
    return lookAtControl(tx, run);
  });
}

export function adjust({ database }: StepDependencies, run: RunRef, adjustment: RunAdjustment): Promise<RunControl> {
  return withOrg(database, run.orgId, async (tx) => {
    const result: AdjustResult = await adjustRun(tx, { ...run, requestedBy: 'an update of the workflow', adjustment });
    if (result !== 'adjusted') throw new OrdealError('conflict', 'The run takes no further request: nothing was adjusted.');
    await insertAudit(tx, { ...entryOf(run), action: 'run.adjust', detail: { ...adjustment } });
    return lookAtControl(tx, run);
  });
}

/** False when nothing was to be changed. */
async function applyChange(tx: OrgTransaction, run: RunRef, change: ControlChange): Promise<boolean> {
  switch (change.kind) {
    case 'look':
      return false;
    case 'pause':
      return (await pauseRun(tx, { ...run, requestedBy: change.by })) === 'paused';
    case 'resume':
      return (await resumeRun(tx, { ...run, requestedBy: change.by })) === 'resumed';
  }
}

async function lookAtControl(tx: OrgTransaction, run: RunRef): Promise<RunControl> {
  await takeNoticeOfControl(tx, run);
  return loadRunControl(tx, run);
}

function entryOf({ orgId, runId }: RunRef) {
  return { orgId, actor: workflowMessage, objectType: 'run', objectId: runId };
}
