import { sql } from 'kysely';

import type { ApprovalVerdict } from '../../domain/approvals/approval.ts';
import type { ApprovalId, DecisionId, DecisionTokenId, MemberId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { insertDecision } from './insert-decision.ts';

export interface TokenUse {
  readonly orgId: OrgId;
  readonly tokenId: DecisionTokenId;
  readonly approvalId: ApprovalId;
  readonly payloadHash: string;
  /** Under which id the decision is stored. */
  readonly decisionId: DecisionId;
}

/**
 * Uses a decision token up, and stores the decision that it carries. False when it was used before, when its time is over
 * by the clock of the database, or when the approval is of something else: nothing is stored then.
 */
export async function redeemToken(tx: OrgTransaction, use: TokenUse): Promise<boolean> {
  const token = await tx
    .updateTable('decision_tokens as t')
    .from('approvals as a')
    .set({ used_at: sql<Date>`clock_timestamp()` })
    .whereRef('a.org_id', '=', 't.org_id')
    .whereRef('a.approval_id', '=', 't.approval_id')
    .where('t.org_id', '=', use.orgId)
    .where('t.token_id', '=', use.tokenId)
    .where('t.approval_id', '=', use.approvalId)
    .where('a.payload_hash', '=', use.payloadHash)
    .where('t.used_at', 'is', null)
    .where(sql<boolean>`t.expires_at > clock_timestamp()`)
    .returning(['t.member_id', 't.verdict', 't.comment'])
    .executeTakeFirst();
  if (token === undefined) return false;
  await insertDecision(tx, {
    orgId: use.orgId,
    decisionId: use.decisionId,
    approvalId: use.approvalId,
    memberId: token.member_id as MemberId,
    actor: token.member_id,
    via: use.tokenId,
    verdict: token.verdict as ApprovalVerdict,
    comment: token.comment,
  });
  return true;
}
