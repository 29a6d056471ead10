import { beginCleanup } from '../db/cleanups/begin-cleanup.ts';
import { insertAudit } from '../db/insert-audit.ts';
import { finalizeRun } from '../db/runs/finalize-run.ts';
import { holdProbe } from '../db/runs/hold-probe.ts';
import { loadRunControl } from '../db/runs/load-run-control.ts';
import { startClock, stopClock } from '../db/runs/note-waiting.ts';
import { readPlan } from '../db/runs/read-plan.ts';
import { recordVerdict } from '../db/runs/record-verdict.ts';
import { requestStop } from '../db/runs/request-stop.ts';
import { withOrg, type OrgTransaction } from '../db/with-org.ts';
import { failures, isFailureName, type FailureName } from '../domain/failures.ts';
import type { RunEnding } from '../domain/run-ending.ts';
import { newId } from '../runtime/new-id.ts';
import { inActivityScope } from './activity-scope.ts';
import { decideApproval, redeemDecisionToken } from './decide-approval.ts';
import { adjust, changeControl, workflowMessage } from './change-control.ts';
import { executeCleanup } from './execute-cleanup.ts';
import { executeStep } from './execute-step.ts';
import { settleBrokenCleanup, stopCleanup } from './end-cleanup.ts';
import { openRun } from './open-run.ts';
import type { RunActivities, RunRef, StepRef, StepResult } from './run-activities.ts';
import type { StepDependencies } from './step-dependencies.ts';

/** The activities of the run workflow, as one worker executes them. */
export function createRunActivities(deps: StepDependencies): RunActivities {
  const { database, log } = deps;
  return {
    openRun: (opening) => inActivityScope(log, () => openRun(deps, opening)),
    readPlan: (page) =>
      inActivityScope(log, async () => ({
        sequences: await withOrg(database, page.orgId, (tx) => readPlan(tx, page)),
      })),
    executeStep: (step) => inActivityScope(log, () => executeStep(deps, step)),
    decideApproval: (decision) => inActivityScope(log, () => decideApproval(deps, decision)),
    redeemToken: (redemption) => inActivityScope(log, () => redeemDecisionToken(deps, redemption)),
    noteWaiting: ({ isWaiting, ...run }) =>
      inActivityScope(log, () =>
        withOrg(database, run.orgId, async (tx) => {
          await (isWaiting ? stopClock(tx, run) : startClock(tx, run));
          return loadRunControl(tx, run);
        }),
      ),
    settleBrokenStep: (step) => inActivityScope(log, () => settleBroken(deps, step)),
    changeControl: ({ change, ...run }) => inActivityScope(log, () => changeControl(deps, run, change)),
    adjustRun: ({ adjustment, ...run }) => inActivityScope(log, () => adjust(deps, run, adjustment)),
    closeLedger: (closing) => inActivityScope(log, () => withOrg(database, closing.orgId, (tx) => closeLedger(tx, closing))),
    beginCleanup: ({ ending, ...run }) =>
      inActivityScope(log, async () => ({ pending: await withOrg(database, run.orgId, (tx) => beginCleanup(tx, run, ending)) })),
    executeCleanup: (run) => inActivityScope(log, () => executeCleanup(deps, run)),
    settleBrokenCleanup: (run) => inActivityScope(log, () => settleBrokenCleanup(deps, run)),
    stopCleanup: ({ by, ...run }) => inActivityScope(log, () => stopCleanup(deps, run, by)),
    finalizeRun: (final) =>
      inActivityScope(log, async () => {
        const newFindingId = () => newId('finding');
        const { status, reason, score } = await withOrg(database, final.orgId, (tx) => finalizeRun(tx, { ...final, newFindingId }));
        const { vulnerable, resisted, blocked, inconclusive, not_run } = score.counts;
        const counts = `${vulnerable} vulnerable, ${resisted} resisted, ${blocked} blocked, ${inconclusive} inconclusive, ${not_run} not run`;
        return {
          status,
          summary: `**${status}**: ${counts}. Risk ${score.risk ?? 'unknown'}, coverage ${score.coveragePercent} %. ${reason}`,
        };
      }),
  };
}

/** What a person asked for by the API is stored and audited by then; a signal to the workflow, or an end of its own, is not. */
async function closeLedger(tx: OrgTransaction, { orgId, runId, ending }: RunRef & { readonly ending: RunEnding }): Promise<void> {
  const requestedBy = ending.kind === 'stop_requested' ? ending.by : `the run itself (${ending.kind})`;
  const actor = ending.kind === 'stop_requested' ? workflowMessage : 'engine';
  if ((await requestStop(tx, { orgId, runId, requestedBy, actor, reach: 'steps' })) !== 'stopping') return;
  await insertAudit(tx, { orgId, actor, action: 'run.stop', objectType: 'run', objectId: runId, detail: { ending: ending.kind } });
}

/** The activity of this step broke down for good. Nothing is known of the agent, and nothing is sent any more. */
async function settleBroken(deps: StepDependencies, step: StepRef & { readonly detail: string }): Promise<StepResult> {
  return withOrg(deps.database, step.orgId, async (tx) => {
    const hold = await holdProbe(tx, step);
    if (hold.kind === 'settled') return hold;
    if (hold.kind === 'paused') return hold;
    if (hold.kind === 'stopping') return { kind: 'undecided' };
    const failure: FailureName = isFailureName(step.detail) ? step.detail : 'internal';
    const text = `There is no answer to judge: ${failures[failure].title}.`;
    return recordVerdict(tx, hold.work.held, {
      outcome: 'inconclusive',
      reason: { code: 'no_answer', text },
      detections: [],
      weakness: null,
      failure,
    });
  });
}
