import type { ApprovalVerdict } from '../../domain/approvals/approval.ts';
import type { ApprovalId, DecisionId, MemberId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface NewDecision {
  readonly orgId: OrgId;
  readonly decisionId: DecisionId;
  readonly approvalId: ApprovalId;
  readonly memberId: MemberId;
  readonly actor: string;
  /** `api`, or the id of the token that it came by. */
  readonly via: string;
  readonly verdict: ApprovalVerdict;
  readonly comment: string | null;
}

/** Stores what somebody has decided; it counts once it is applied. */
export async function insertDecision(tx: OrgTransaction, decision: NewDecision): Promise<void> {
  await tx
    .insertInto('approval_decisions')
    .values({
      org_id: decision.orgId,
      decision_id: decision.decisionId,
      approval_id: decision.approvalId,
      member_id: decision.memberId,
      actor: decision.actor,
      via: decision.via,
      verdict: decision.verdict,
      comment: decision.comment,
    })
    .execute();
}
