import type { ApprovalDetail } from '../contracts/approval.ts';
import { applyDecision } from '../db/approvals/apply-decision.ts';
import { findUnseenDecision } from '../db/approvals/decision-sight.ts';
import { loadApprovalDetail } from '../db/approvals/list-approvals.ts';
import { withOrg, type OrgTransaction } from '../db/with-org.ts';
import { describeDecision, nameDecider } from '../domain/approvals/approval.ts';
import { OrdealError } from '../domain/failures.ts';
import type { ApprovalId, DecisionId, OrgId } from '../domain/ids.ts';
import { requireFound } from '../domain/require-found.ts';
import type { RequestContext } from './request-context.ts';

export interface DecisionToApply {
  readonly orgId: OrgId;
  readonly approvalId: ApprovalId;
  readonly decisionId: DecisionId;
  readonly requestId: string;
}

/**
 * Lets a decision that this transaction has stored count, and returns the approval as it is then. Throws `conflict` with who
 * won, or `forbidden`: the transaction is to be undone, so that what was refused never counts later.
 */
export async function letCount(tx: OrgTransaction, decision: DecisionToApply): Promise<ApprovalDetail> {
  const { orgId, approvalId } = decision;
  const { effect } = await applyDecision(tx, decision);
  if (effect === 'excluded') throw excluded(approvalId);
  const approval = requireFound(await loadApprovalDetail(tx, orgId, approvalId), 'approval', approvalId);
  if (effect === 'counted') return approval;
  refuseDecided(approval);
  throw new OrdealError(
    'conflict',
    `You, or somebody in your place, have decided about ${approvalId} before. It waits for other people: its quorum is ${approval.quorum}.`,
  );
}

/** No answer waits longer than this for a workflow that may have no worker. */
const patienceMs = 2_000;

/** Tells the workflow that its approval was decided. What is stored holds whether or not that succeeds. */
export async function tellDecision(
  { approvalId, runId, status }: ApprovalDetail,
  { deps, principal: { orgId }, log }: RequestContext<'apiKey'>,
): Promise<void> {
  if (status === 'pending') return;
  try {
    const decisionId = await withOrg(deps.database, orgId, (tx) => findUnseenDecision(tx, { orgId, approvalId }));
    if (decisionId !== undefined) await deps.runs.decide(runId, decisionId, patienceMs);
  } catch (error) {
    log.warn({ err: error, approvalId, runId }, 'the decision is stored but the workflow was not told; the reconciler will tell it');
  }
}

/** Throws `conflict`, which tells who or what decided, unless it is pending. */
export function refuseDecided({ approvalId, status, decidedBy, decidedFor, decidedAt }: ApprovalDetail): void {
  if (status === 'pending') return;
  const decider = nameDecider(decidedBy, decidedFor);
  throw new OrdealError(
    'conflict',
    `Approval ${approvalId} is ${status} since ${decidedAt ?? 'a moment'}. ${describeDecision(status, decider)}`,
    { members: { winner: { status, decidedBy: decider, decidedAt: decidedAt ?? '' } } },
  );
}

export function excluded(approvalId: ApprovalId): OrdealError {
  return new OrdealError(
    'forbidden',
    `You may not decide about ${approvalId}: whoever asked for the run, or edited its scripts or target, has no say, with any of their keys and in nobody's place; nor has who is no approver and was lent no such right that holds now.`,
  );
}
