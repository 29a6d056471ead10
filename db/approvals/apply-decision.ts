import { sql } from 'kysely';

import {
  tally,
  type AppliedDecision,
  type ApprovalStatus,
  type ApprovalVerdict,
  type DecisionEffect,
} from '../../domain/approvals/approval.ts';
import type { ApprovalId, DecisionId, OrgId } from '../../domain/ids.ts';
import { insertAudit } from '../insert-audit.ts';
import type { OrgTransaction } from '../with-org.ts';
import { approvalColumns, toApproval, type ApprovalRecord } from './approval-record.ts';
import { endApproval, expireApproval } from './end-approval.ts';

interface StoredDecision {
  readonly orgId: OrgId;
  readonly decisionId: DecisionId;
  readonly approvalId: ApprovalId;
  readonly memberId: string;
  readonly actor: string;
  readonly verdict: ApprovalVerdict;
  readonly effect: DecisionEffect | null;
}

/**
 * Lets a stored decision count, once; doing it again tells what became of it. The approval's row is locked first, so
 * that decisions, the clock and a stop come one after the other, and whoever is not the first learns that.
 */
export async function applyDecision(
  tx: OrgTransaction,
  { orgId, decisionId }: { readonly orgId: OrgId; readonly decisionId: DecisionId },
): Promise<AppliedDecision> {
  const decision = await loadDecision(tx, orgId, decisionId);
  const approval = await lockApproval(tx, decision);
  // Whoever applied it at the same time has done so by now.
  const { effect } = await loadDecision(tx, orgId, decisionId);
  if (effect !== null) return { approvalId: approval.approvalId, effect, status: approval.status };
  const result = await weigh(tx, approval, decision);
  await tx
    .updateTable('approval_decisions')
    .set({ effect: result.effect, applied_at: sql<Date>`clock_timestamp()` })
    .where('org_id', '=', orgId)
    .where('decision_id', '=', decisionId)
    .execute();
  const detail = { decisionId, verdict: decision.verdict, memberId: decision.memberId, effect: result.effect, status: result.status };
  await insertAudit(tx, {
    orgId,
    actor: decision.actor,
    action: 'approval.decide',
    objectType: 'approval',
    objectId: approval.approvalId,
    detail,
  });
  return { approvalId: approval.approvalId, ...result };
}

async function weigh(
  tx: OrgTransaction,
  approval: ApprovalRecord,
  decision: StoredDecision,
): Promise<{ effect: DecisionEffect; status: ApprovalStatus }> {
  if (approval.status !== 'pending') return { effect: 'late', status: approval.status };
  const expired = await expireApproval(tx, approval);
  if (expired !== undefined) return { effect: 'late', status: expired.status };
  if (approval.excludedMembers.includes(decision.memberId) || !(await mayStillApprove(tx, decision))) {
    return { effect: 'excluded', status: 'pending' };
  }
  const votes = await countedVotes(tx, approval);
  // What somebody has said once stays said: a second decision of the same person changes nothing.
  if (votes.some(({ memberId }) => memberId === decision.memberId)) return { effect: 'late', status: 'pending' };
  const status = tally(votes, decision, approval.quorum);
  if (status !== 'pending') await endApproval(tx, approval, { status, decidedBy: decision.memberId });
  return { effect: 'counted', status };
}

async function loadDecision(tx: OrgTransaction, orgId: OrgId, decisionId: DecisionId): Promise<StoredDecision> {
  const row = await tx
    .selectFrom('approval_decisions')
    .select(['approval_id', 'member_id', 'actor', 'verdict', 'effect'])
    .where('org_id', '=', orgId)
    .where('decision_id', '=', decisionId)
    .executeTakeFirstOrThrow();
  return {
    orgId,
    decisionId,
    approvalId: row.approval_id as ApprovalId,
    memberId: row.member_id,
    actor: row.actor,
    verdict: row.verdict as ApprovalVerdict,
    effect: row.effect as DecisionEffect | null,
  };
}

async function lockApproval(tx: OrgTransaction, { orgId, approvalId }: StoredDecision): Promise<ApprovalRecord> {
  const row = await tx
    .selectFrom('approvals')
    .select(approvalColumns)
    .where('org_id', '=', orgId)
    .where('approval_id', '=', approvalId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return toApproval(row);
}

/** A member may have been removed, or given another role, since the token was made or the decision was stored. */
async function mayStillApprove(tx: OrgTransaction, { orgId, memberId }: StoredDecision): Promise<boolean> {
  const row = await tx
    .selectFrom('members')
    .select('member_id')
    .where('org_id', '=', orgId)
    .where('member_id', '=', memberId)
    .where('role', 'in', ['approver', 'admin'])
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

async function countedVotes(tx: OrgTransaction, { orgId, approvalId }: ApprovalRecord) {
  const rows = await tx
    .selectFrom('approval_decisions')
    .select(['member_id', 'verdict'])
    .where('org_id', '=', orgId)
    .where('approval_id', '=', approvalId)
    .where('effect', '=', 'counted')
    .execute();
  return rows.map((row) => ({ memberId: row.member_id, verdict: row.verdict as ApprovalVerdict }));
}
