import { sql } from 'kysely';

import { nameDecider, type ApprovalStatus } from '../../domain/approvals/approval.ts';
import { auditText } from '../../domain/audit-detail.ts';
import type { MemberId, OrgId, RunId } from '../../domain/ids.ts';
import { eventOfEnd } from '../../domain/webhooks/webhook-event.ts';
import { insertAudit } from '../insert-audit.ts';
import { appendToFeed } from '../runs/append-to-feed.ts';
import { announceApproval } from '../webhooks/announce-approval.ts';
import type { OrgTransaction } from '../with-org.ts';
import { approvalColumns, toApproval, type ApprovalRecord } from './approval-record.ts';

export interface ApprovalEnd {
  readonly status: Exclude<ApprovalStatus, 'pending'>;
  /** A member, or what ended it. */
  readonly decidedBy: string;
  /** In whose place a member decided. */
  readonly decidedFor?: string | null;
}

const byTheClock: ApprovalEnd = { status: 'expired', decidedBy: 'the clock' };

type ApprovalKey = Pick<ApprovalRecord, 'orgId' | 'approvalId'>;

/**
 * Ends a pending approval; `undefined` when it is not pending any more. Of any number who try at once, one succeeds:
 * the update waits for the row, and looks again.
 */
export async function endApproval(
  tx: OrgTransaction,
  { orgId, approvalId }: ApprovalKey,
  end: ApprovalEnd,
): Promise<ApprovalRecord | undefined> {
  return (await endWhere(tx, { orgId, approvalIds: [approvalId] }, { end }))[0];
}

/** As `endApproval`, unless its time is over by the clock of the database: nothing is decided after that, not even by a moment. */
export async function endApprovalInTime(
  tx: OrgTransaction,
  { orgId, approvalId }: ApprovalKey,
  end: ApprovalEnd,
): Promise<ApprovalRecord | undefined> {
  return (await endWhere(tx, { orgId, approvalIds: [approvalId] }, { end, isOnly: 'in_time' }))[0];
}

/** Ends a pending approval whose time is over by the clock of the database, and only then. */
export async function expireApproval(tx: OrgTransaction, { orgId, approvalId }: ApprovalKey): Promise<ApprovalRecord | undefined> {
  return (await endWhere(tx, { orgId, approvalIds: [approvalId] }, { end: byTheClock, isOnly: 'overdue' }))[0];
}

/**
 * Ends whatever is pending of runs that take no further step. What is overdue by then has expired: whoever came too late
 * for it was told so, even where nobody had written it down. The rows are locked first, so that nobody is told meanwhile.
 */
export async function cancelApprovals(
  tx: OrgTransaction,
  { orgId, runIds, actor }: { readonly orgId: OrgId; readonly runIds: readonly RunId[]; readonly actor?: string },
  cancelledBy: string,
): Promise<void> {
  const pending = await tx
    .selectFrom('approvals')
    .select('approval_id')
    .where('org_id', '=', orgId)
    .where(sql<boolean>`run_id = any(${[...runIds]}::text[])`)
    .where('status', '=', 'pending')
    .orderBy('approval_id')
    .forNoKeyUpdate()
    .execute();
  if (pending.length === 0) return;
  const approvalIds = pending.map((row) => row.approval_id);
  const ends = [{ end: byTheClock, isOnly: 'overdue' }, { end: { status: 'cancelled', decidedBy: cancelledBy, actor } }] as const;
  for (const how of ends) await endWhere(tx, { orgId, approvalIds }, how);
}

interface HowToEnd {
  /** `actor`: whom the audit log names, where that is not who decided. */
  readonly end: ApprovalEnd & { readonly actor?: string | undefined };
  readonly isOnly?: 'overdue' | 'in_time';
}

/** Ends those of these approvals that are pending, and tells of each. */
async function endWhere(
  tx: OrgTransaction,
  { orgId, approvalIds }: { readonly orgId: OrgId; readonly approvalIds: readonly string[] },
  { end, isOnly }: HowToEnd,
): Promise<ApprovalRecord[]> {
  let update = tx
    .updateTable('approvals')
    .set({ status: end.status, decided_at: sql<Date>`clock_timestamp()`, decided_by: end.decidedBy, decided_for: end.decidedFor ?? null })
    .where('org_id', '=', orgId)
    .where(sql<boolean>`approval_id = any(${[...approvalIds]}::text[])`)
    .where('status', '=', 'pending');
  if (isOnly !== undefined) update = update.where(sql<boolean>`(expires_at <= clock_timestamp()) = ${isOnly === 'overdue'}`);
  const ended = (await update.returning(approvalColumns).execute()).map(toApproval);
  for (const approval of ended) await tellEnd(tx, approval, { status: end.status, actor: end.actor ?? end.decidedBy });
  return ended;
}

async function tellEnd(
  tx: OrgTransaction,
  approval: ApprovalRecord,
  { status, actor }: { readonly status: ApprovalEnd['status']; readonly actor: string },
): Promise<void> {
  const { orgId, approvalId, runId, stepId, riskLevel, payloadHash, decidedFor } = approval;
  const decidedBy = approval.decidedBy ?? 'nobody';
  const what = { runId, stepId: auditText('slug', stepId), status, payloadHash: auditText('sha256', payloadHash) };
  const detail = { ...what, ...(decidedFor === null ? {} : { decidedFor: decidedFor as MemberId }) };
  await insertAudit(tx, { orgId, actor, action: `approval.${status}`, objectType: 'approval', objectId: approvalId, detail });
  await announceApproval(tx, approval, eventOfEnd(status));
  await appendToFeed(tx, approval, {
    type: 'approval_decided',
    data: { approvalId, stepId, risk: riskLevel, status, decidedBy: nameDecider(decidedBy, decidedFor) },
  });
}

/** Until an approval lapses, by the clock of the database. */
export async function remainingMs(tx: OrgTransaction, { orgId, approvalId }: ApprovalKey): Promise<number> {
  const row = await tx
    .selectFrom('approvals')
    .select(sql<number>`(extract(epoch from expires_at - clock_timestamp()) * 1000)::float8`.as('remaining_ms'))
    .where('org_id', '=', orgId)
    .where('approval_id', '=', approvalId)
    .executeTakeFirstOrThrow();
  return Math.max(0, Math.ceil(row.remaining_ms));
}
