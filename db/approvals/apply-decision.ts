import { sql } from 'kysely';

import {
  tally,
  type AppliedDecision,
  type ApprovalStatus,
  type ApprovalVerdict,
  type DecisionEffect,
  type Vote,
} from '../../domain/approvals/approval.ts';
import { rightToDecide, type LentRight } from '../../domain/approvals/delegation.ts';
import { assertNever } from '../../domain/assert-never.ts';
import type { ApprovalId, DecisionId, MemberId, OrgId } from '../../domain/ids.ts';
import { insertAudit } from '../insert-audit.ts';
import type { OrgTransaction } from '../with-org.ts';
import { approvalColumns, toApproval, type ApprovalRecord } from './approval-record.ts';
import { endApprovalInTime, expireApproval } from './end-approval.ts';
import { loadDecider } from './load-decider.ts';

interface StoredDecision {
  readonly orgId: OrgId;
  readonly decisionId: DecisionId;
  readonly approvalId: ApprovalId;
  readonly memberId: MemberId;
  readonly actor: string;
  readonly verdict: ApprovalVerdict;
  readonly effect: DecisionEffect | null;
}

/** What a decision comes to. */
interface Weighed {
  readonly effect: DecisionEffect;
  readonly status: ApprovalStatus;
  /** The right that it was given by, where that was lent. */
  readonly lent?: LentRight;
}

/**
 * Lets a stored decision count, once; doing it again tells what became of it. The approval's row is locked first, so
 * that decisions, the clock and a stop come one after the other, and whoever is not the first learns that.
 */
export async function applyDecision(
  tx: OrgTransaction,
  { orgId, decisionId, requestId }: { readonly orgId: OrgId; readonly decisionId: DecisionId; readonly requestId?: string },
): Promise<AppliedDecision> {
  const decision = await loadDecision(tx, orgId, decisionId);
  const approval = await lockApproval(tx, decision);
  // Whoever applied it at the same time has done so by now.
  const { effect } = await loadDecision(tx, orgId, decisionId);
  if (effect !== null) return { approvalId: approval.approvalId, effect, status: approval.status };
  const { lent, ...result } = await weigh(tx, approval, decision);
  await tx
    .updateTable('approval_decisions')
    .set({
      effect: result.effect,
      applied_at: sql<Date>`clock_timestamp()`,
      for_member_id: lent?.delegatorId ?? null,
      delegation_id: lent?.delegationId ?? null,
    })
    .where('org_id', '=', orgId)
    .where('decision_id', '=', decisionId)
    .execute();
  const { approvalId } = approval;
  const { verdict, memberId, actor } = decision;
  const detail = { decisionId, verdict, memberId, ...lent, effect: result.effect, status: result.status };
  await insertAudit(tx, { orgId, actor, requestId, action: 'approval.decide', objectType: 'approval', objectId: approvalId, detail });
  return { approvalId, ...result };
}

async function weigh(tx: OrgTransaction, approval: ApprovalRecord, decision: StoredDecision): Promise<Weighed> {
  if (approval.status !== 'pending') return { effect: 'late', status: approval.status };
  const expired = await expireApproval(tx, approval);
  if (expired !== undefined) return { effect: 'late', status: expired.status };
  const { orgId, memberId, verdict } = decision;
  const counted = await countedVotes(tx, approval);
  const decider = await loadDecider(tx, { orgId, memberId, projectId: approval.projectId });
  const right = rightToDecide(decider, { excluded: approval.excludedMembers, counted });
  switch (right.kind) {
    case 'excluded':
      return { effect: 'excluded', status: 'pending' };
    // What somebody has said once stays said: a second decision of the same person changes nothing.
    case 'spent':
      return { effect: 'late', status: 'pending' };
    case 'own':
    case 'lent': {
      const lent = right.kind === 'lent' ? { delegationId: right.delegationId, delegatorId: right.delegatorId } : undefined;
      const decidedFor = lent?.delegatorId ?? null;
      const status = tally(counted, { memberId, forMemberId: decidedFor, verdict }, approval.quorum);
      if (status !== 'pending' && (await endApprovalInTime(tx, approval, { status, decidedBy: memberId, decidedFor })) === undefined) {
        // Its time ran out since it was looked at above.
        await expireApproval(tx, approval);
        return { effect: 'late', status: 'expired' };
      }
      return { effect: 'counted', status, ...(lent === undefined ? {} : { lent }) };
    }
    default:
      return assertNever(right);
  }
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
    memberId: row.member_id as MemberId,
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
    // Its key stays as it is: inserting a decision about it, which looks at that, must not wait for a decision.
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  return toApproval(row);
}

async function countedVotes(tx: OrgTransaction, { orgId, approvalId }: ApprovalRecord): Promise<Vote[]> {
  const rows = await tx
    .selectFrom('approval_decisions')
    .select(['member_id', 'for_member_id', 'verdict'])
    .where('org_id', '=', orgId)
    .where('approval_id', '=', approvalId)
    .where('effect', '=', 'counted')
    .execute();
  return rows.map((row) => ({ memberId: row.member_id, forMemberId: row.for_member_id, verdict: row.verdict as ApprovalVerdict }));
}
