import { sql } from 'kysely';

import type { ApprovalVerdict } from '../../domain/approvals/approval.ts';
import type { ApprovalId, DecisionTokenId, MemberId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface NewDecisionToken {
  readonly orgId: OrgId;
  readonly tokenId: DecisionTokenId;
  readonly approvalId: ApprovalId;
  readonly memberId: MemberId;
  /** The key that asks for it. */
  readonly issuedBy: string;
  readonly verdict: ApprovalVerdict;
  readonly comment: string | null;
}

/** Keeps a decision token, which can be used once, and returns until when: as long as the approval waits. */
export async function insertDecisionToken(tx: OrgTransaction, token: NewDecisionToken): Promise<Date> {
  const row = await tx
    .insertInto('decision_tokens')
    .values({
      org_id: token.orgId,
      token_id: token.tokenId,
      approval_id: token.approvalId,
      member_id: token.memberId,
      issued_by: token.issuedBy,
      verdict: token.verdict,
      comment: token.comment,
      expires_at: sql<Date>`(select expires_at from approvals where org_id = ${token.orgId} and approval_id = ${token.approvalId})`,
    })
    .returning('expires_at')
    .executeTakeFirstOrThrow();
  return row.expires_at;
}
