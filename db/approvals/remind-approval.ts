import { sql } from 'kysely';

import { reminders } from '../../domain/approvals/reminders.ts';
import { auditText } from '../../domain/audit-detail.ts';
import type { ApprovalId, OrgId } from '../../domain/ids.ts';
import { insertAudit } from '../insert-audit.ts';
import { appendToFeed } from '../runs/append-to-feed.ts';
import { announceApproval } from '../webhooks/announce-approval.ts';
import type { OrgTransaction } from '../with-org.ts';
import { approvalColumns, toApproval } from './approval-record.ts';

/**
 * Reminds people of a pending approval when it is time by the clock of the database; false when it is not, or when
 * somebody else has just done so. One that is late for both reminders gives the last one alone.
 */
export async function remindApproval(
  tx: OrgTransaction,
  { orgId, approvalId }: { readonly orgId: OrgId; readonly approvalId: ApprovalId },
): Promise<boolean> {
  const lastAt = sql<Date>`requested_at + (expires_at - requested_at) * ${reminders.last}::float8`;
  const row = await tx
    .updateTable('approvals')
    .set({
      reminded_at: sql<Date>`clock_timestamp()`,
      remind_at: sql<Date | null>`case when clock_timestamp() < ${lastAt} then ${lastAt} end`,
    })
    .where('org_id', '=', orgId)
    .where('approval_id', '=', approvalId)
    .where('status', '=', 'pending')
    .where(sql<boolean>`remind_at <= clock_timestamp() and expires_at > clock_timestamp()`)
    .returning(approvalColumns)
    .executeTakeFirst();
  if (row === undefined) return false;
  const approval = toApproval(row);
  const { runId, stepId, riskLevel: risk } = approval;
  const expiresAt = approval.expiresAt.toISOString();
  const detail = { runId, stepId: auditText('slug', stepId), risk, expiresAt: auditText('instant', expiresAt) };
  await insertAudit(tx, { orgId, actor: 'engine', action: 'approval.remind', objectType: 'approval', objectId: approvalId, detail });
  await announceApproval(tx, approval, 'approval.reminder');
  await appendToFeed(tx, approval, { type: 'approval_reminded', data: { approvalId, stepId, risk, expiresAt } });
  return true;
}
