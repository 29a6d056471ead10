import type { ApprovalDetail } from '../contracts/approval.ts';
import { loadApprovalDetail } from '../db/approvals/list-approvals.ts';
import { withOrg } from '../db/with-org.ts';
import { describeDecision } from '../domain/approvals/approval.ts';
import { OrdealError } from '../domain/failures.ts';
import type { ApprovalId, DecisionId, OrgId, RunId } from '../domain/ids.ts';
import { requireFound } from '../domain/require-found.ts';
import type { ApiDependencies } from './api-dependencies.ts';

export interface DecisionToApply {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly approvalId: ApprovalId;
  readonly decisionId: DecisionId;
}

/** Lets a stored decision count through the workflow that waits for it. Throws `conflict` with who won, or `forbidden`. */
export async function applyDecision(deps: ApiDependencies, decision: DecisionToApply): Promise<ApprovalDetail> {
  const { orgId, runId, approvalId, decisionId } = decision;
  const applied = await deps.runs.decide(runId, decisionId);
  const approval = requireFound(
    await withOrg(deps.database, orgId, (tx) => loadApprovalDetail(tx, orgId, approvalId)),
    'approval',
    approvalId,
  );
  if (applied === 'gone') {
    refuseDecided(approval);
    throw new OrdealError(
      'temporal_unavailable',
      'The workflow that waits for this is being started again. Nothing was decided: try again.',
      {
        retryAfterSeconds: 5,
      },
    );
  }
  if (applied.effect === 'counted') return approval;
  if (applied.effect === 'excluded') throw excluded(approvalId);
  refuseDecided(approval);
  throw new OrdealError(
    'conflict',
    `You have decided about ${approvalId} before. It waits for other people: its quorum is ${approval.quorum}.`,
  );
}

/** Throws `conflict`, which tells who or what decided, unless it is pending. */
export function refuseDecided({ approvalId, status, decidedBy, decidedAt }: ApprovalDetail): void {
  if (status === 'pending') return;
  throw new OrdealError(
    'conflict',
    `Approval ${approvalId} is ${status} since ${decidedAt ?? 'a moment'}. ${describeDecision(status, decidedBy ?? 'somebody')}`,
    { members: { winner: { status, decidedBy: decidedBy ?? 'unknown', decidedAt: decidedAt ?? '' } } },
  );
}

export function excluded(approvalId: ApprovalId): OrdealError {
  return new OrdealError(
    'forbidden',
    `You may not decide about ${approvalId}: whoever asked for the run, or edited its scripts or target, has no say, with any of their keys; nor has who is no approver.`,
  );
}
