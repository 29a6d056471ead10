import { endApproval, expireApproval, remainingMs } from '../db/approvals/end-approval.ts';
import { requestApproval } from '../db/approvals/request-approval.ts';
import type { ApprovalRecord } from '../db/approvals/approval-record.ts';
import { loadPlanFacts } from '../db/approvals/load-plan-facts.ts';
import { hasBegun, loadRunApproval } from '../db/approvals/load-run-approval.ts';
import { startObstacle } from '../db/guard/start-obstacle.ts';
import { loadRunControl } from '../db/runs/load-run-control.ts';
import { startClock, stopClock } from '../db/runs/note-waiting.ts';
import { openRun as markOpened } from '../db/runs/open-run.ts';
import { readPlan } from '../db/runs/read-plan.ts';
import { withOrg, type OrgTransaction } from '../db/with-org.ts';
import { describeDecision, nameDecider } from '../domain/approvals/approval.ts';
import { defaultExpiryHours, needsRunApproval } from '../domain/policy/policy.ts';
import { requireFound } from '../domain/require-found.ts';
import { isTerminal } from '../domain/run-state.ts';
import type { RunEnding } from '../domain/run-ending.ts';
import { assessPlan } from '../planning/assess-plan.ts';
import { newId } from '../runtime/new-id.ts';
import type { AwaitedApproval, OpenedRun, PlanPageRef, RunRef } from './run-activities.ts';
import type { StepDependencies } from './step-dependencies.ts';

type StartGate =
  | { readonly kind: 'open' }
  | { readonly kind: 'awaiting'; readonly awaiting: AwaitedApproval }
  | { readonly kind: 'shut'; readonly ending: RunEnding };

/** Marks a run as running, unless it is over, stopped, not confirmed any more, or waits to be approved as a whole. */
export function openRun(deps: StepDependencies, { fromSequence, ...run }: PlanPageRef): Promise<OpenedRun> {
  return withOrg(deps.database, run.orgId, async (tx) => {
    const closed = await startObstacle(tx, run);
    const opened = await markOpened(tx, run);
    const ended = endingOf(opened) ?? closed;
    const gate: StartGate = ended === null ? await passStartGate(tx, deps, run) : { kind: 'shut', ending: ended };
    if (gate.kind === 'awaiting') await stopClock(tx, run);
    else await startClock(tx, run);
    return {
      endedBy: gate.kind === 'shut' ? gate.ending : null,
      awaiting: gate.kind === 'awaiting' ? gate.awaiting : null,
      hasCleanups: opened.hasCleanups,
      stepsTotal: opened.stepsTotal,
      sequencesTotal: opened.sequencesTotal,
      firstPage: gate.kind === 'open' ? await readPlan(tx, { ...run, fromSequence }) : [],
      circuitBreakerThreshold: opened.options.circuitBreakerThreshold,
      maxDurationMinutes: opened.options.maxDurationMinutes,
      maxPausedMinutes: opened.options.maxPausedMinutes,
      ...(await loadRunControl(tx, run)),
    };
  });
}

function endingOf(opened: Awaited<ReturnType<typeof markOpened>>): RunEnding | null {
  if (opened.cleanupEnding !== null) return opened.cleanupEnding;
  if (opened.stopRequestedBy !== null) return { kind: 'stop_requested', by: opened.stopRequestedBy };
  return isTerminal(opened.status) ? { kind: 'finished' } : null;
}

/** A run that was approved, or has sent something already, is not asked for again. */
async function passStartGate(tx: OrgTransaction, deps: StepDependencies, run: RunRef): Promise<StartGate> {
  const facts = requireFound(await loadPlanFacts(tx, run), 'run', run.runId);
  const { policies, environment, payloadHash, targetName: target, scripts } = facts;
  const asked = await loadRunApproval(tx, run);
  if (asked !== undefined) return consult(tx, asked, payloadHash);
  // What is as bad as can be is asked about first: most plans need not be read for the answer.
  if (!needsRunApproval(policies, { environment, worst: 'critical' }) || (await hasBegun(tx, run))) return { kind: 'open' };
  const { risk, probes, ...assessed } = await assessPlan(tx, { ...facts, documents: deps });
  if (!assessed.needsRunApproval) return { kind: 'open' };
  const approval = await requestApproval(tx, {
    ...run,
    approvalId: newId('approval'),
    projectId: facts.projectId,
    place: null,
    scriptSlugs: scripts,
    payloadHash,
    preview: { kind: 'run', target, environment, scripts, probes },
    risk,
    policy: { rule: null, quorum: 1, expiresInHours: defaultExpiryHours[risk.level] },
  });
  if (approval === 'stopping') return { kind: 'shut', ending: { kind: 'stop_requested', by: 'whoever stopped it before it began' } };
  return consult(tx, approval, payloadHash);
}

async function consult(tx: OrgTransaction, approval: ApprovalRecord, payloadHash: string): Promise<StartGate> {
  const isSame = approval.payloadHash === payloadHash;
  if (approval.status === 'approved' && isSame) return { kind: 'open' };
  const change = { status: 'voided', decidedBy: 'a change of the plan' } as const;
  const ended = (await expireApproval(tx, approval)) ?? (isSame ? undefined : await endApproval(tx, approval, change));
  const { status, decidedBy, decidedFor } = ended ?? approval;
  if (status === 'pending') {
    return { kind: 'awaiting', awaiting: { approvalId: approval.approvalId, expiresInMs: await remainingMs(tx, approval) } };
  }
  const detail = describeDecision(status === 'approved' ? 'voided' : status, nameDecider(decidedBy, decidedFor));
  return { kind: 'shut', ending: { kind: 'not_approved', detail } };
}
