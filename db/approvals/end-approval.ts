import { sql } from 'kysely';

import { nameDecider, type ApprovalStatus } from '../../domain/approvals/approval.ts';
import type { OrgId, RunId } from '../../domain/ids.ts';
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

type ApprovalKey = Pick<ApprovalRecord, 'orgId' | 'approvalId'>;

/**
 * Ends a pending approval; `undefined` when it is not pending any more. Of any number who try at once, one succeeds:
 * the update waits for the row, and looks again.
 */
export function endApproval(tx: OrgTransaction, key: ApprovalKey, end: ApprovalEnd): Promise<ApprovalRecord | undefined> {
  return endWhere(tx, key, { end, isOnlyOverdue: false });
}

/** Ends a pending approval whose time is over by the clock of the database, and only then. */
export function expireApproval(tx: OrgTransaction, key: ApprovalKey): Promise<ApprovalRecord | undefined> {
  return endWhere(tx, key, { end: { status: 'expired', decidedBy: 'the clock' }, isOnlyOverdue: true });
}

/** Ends whatever is pending of a run that takes no further step. */
export async function cancelApprovals(
  tx: OrgTransaction,
  run: { readonly orgId: OrgId; readonly runId: RunId; readonly actor?: string },
  cancelledBy: string,
): Promise<void> {
  const rows = await tx
    .updateTable('approvals')
    .set({ status: 'cancelled', decided_at: sql<Date>`clock_timestamp()`, decided_by: cancelledBy })
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .where('status', '=', 'pending')
    .returning(approvalColumns)
    .execute();
  for (const row of rows) await tellEnd(tx, toApproval(row), { status: 'cancelled', actor: run.actor ?? cancelledBy });
}

async function endWhere(
  tx: OrgTransaction,
  { orgId, approvalId }: ApprovalKey,
  { end, isOnlyOverdue }: { readonly end: ApprovalEnd; readonly isOnlyOverdue: boolean },
): Promise<ApprovalRecord | undefined> {
  let update = tx
    .updateTable('approvals')
    .set({ status: end.status, decided_at: sql<Date>`clock_timestamp()`, decided_by: end.decidedBy, decided_for: end.decidedFor ?? null })
    .where('org_id', '=', orgId)
    .where('approval_id', '=', approvalId)
    .where('status', '=', 'pending');
  if (isOnlyOverdue) update = update.where(sql<boolean>`expires_at <= clock_timestamp()`);
  const row = await update.returning(approvalColumns).executeTakeFirst();
  if (row === undefined) return undefined;
  const ended = toApproval(row);
  await tellEnd(tx, ended, { status: end.status, actor: end.decidedBy });
  return ended;
}

async function tellEnd(
  tx: OrgTransaction,
  approval: ApprovalRecord,
  { status, actor }: { readonly status: ApprovalEnd['status']; readonly actor: string },
): Promise<void> {
  const { orgId, approvalId, runId, stepId, riskLevel, payloadHash, decidedFor } = approval;
  const decidedBy = approval.decidedBy ?? 'nobody';
  const detail = { runId, stepId, status, payloadHash, ...(decidedFor === null ? {} : { decidedFor }) };
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
