import { sql } from 'kysely';

import type { Approval, ApprovalDetail } from '../../contracts/approval.ts';
import type { ApprovalStatus, ApprovalVerdict, DecisionEffect } from '../../domain/approvals/approval.ts';
import type { ApprovalPreview, PolicySnapshot } from '../../domain/approvals/approval-preview.ts';
import type { ApprovalId, OrgId } from '../../domain/ids.ts';
import type { Environment, RiskMatch } from '../../domain/risk/assess-risk.ts';
import type { Severity } from '../../domain/severity.ts';
import type { OrgTransaction } from '../with-org.ts';
import { approvalColumns, toApproval, type ApprovalRow } from './approval-record.ts';

export interface ApprovalFilter {
  readonly status?: ApprovalStatus | undefined;
  readonly projectId?: string | undefined;
  readonly runId?: string | undefined;
  readonly risk?: Severity | undefined;
  readonly before: string | undefined;
  readonly rows: number;
}

/** Requests to approve, newest first, starting below `before`. */
export async function listApprovals(tx: OrgTransaction, orgId: OrgId, filter: ApprovalFilter): Promise<Approval[]> {
  const { status, projectId, runId, risk, before } = filter;
  let query = selectViews(tx).where('org_id', '=', orgId);
  if (status !== undefined) query = query.where('status', '=', status);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  if (runId !== undefined) query = query.where('run_id', '=', runId);
  if (risk !== undefined) query = query.where('risk_level', '=', risk);
  if (before !== undefined) query = query.where('approval_id', '<', before);
  const rows = await query.orderBy('approval_id', 'desc').limit(filter.rows).execute();
  return rows.map(toView);
}

/** One request with all that a person needs to decide. */
export async function loadApprovalDetail(tx: OrgTransaction, orgId: OrgId, approvalId: ApprovalId): Promise<ApprovalDetail | undefined> {
  const row = await selectViews(tx)
    .select(['preview', 'risk', 'policy'])
    .where('org_id', '=', orgId)
    .where('approval_id', '=', approvalId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const decisions = await tx
    .selectFrom('approval_decisions')
    .select(['member_id', 'for_member_id', 'delegation_id', 'verdict', 'comment', 'effect', 'via', 'applied_at'])
    .where('org_id', '=', orgId)
    .where('approval_id', '=', approvalId)
    .where('effect', 'is not', null)
    .orderBy('applied_at')
    .limit(100)
    .execute();
  return {
    ...toView(row),
    preview: withCleanup(row.preview as unknown as ApprovalPreview),
    riskMatches: row.risk as unknown as RiskMatch[],
    policyRule: (row.policy as unknown as PolicySnapshot).rule,
    excludedMembers: row.excluded_members,
    decisions: decisions.map((decision) => ({
      memberId: decision.member_id,
      forMemberId: decision.for_member_id,
      delegationId: decision.delegation_id,
      verdict: decision.verdict as ApprovalVerdict,
      comment: decision.comment,
      effect: decision.effect as DecisionEffect,
      via: decision.via,
      appliedAt: (decision.applied_at ?? row.requested_at).toISOString(),
    })),
  };
}

/** Of a preview only what an inbox shows: the whole may be long. */
function selectViews(tx: OrgTransaction) {
  return tx
    .selectFrom('approvals')
    .select(approvalColumns)
    .select([
      sql<string | null>`preview->>'title'`.as('title'),
      sql<string>`preview->>'target'`.as('target'),
      sql<string>`preview->>'environment'`.as('environment'),
      sql<boolean>`status = 'pending' and expires_at <= clock_timestamp()`.as('is_overdue'),
    ]);
}

interface ViewRow extends ApprovalRow {
  readonly title: string | null;
  readonly target: string;
  readonly environment: string;
  readonly is_overdue: boolean;
}

function toView(row: ViewRow): Approval {
  const { excludedMembers: _, orgId: __, riskLevel, requestedAt, expiresAt, remindedAt, decidedAt, ...approval } = toApproval(row);
  return {
    ...approval,
    title: row.title ?? 'The run as a whole',
    target: row.target,
    environment: row.environment as Environment,
    isOverdue: row.is_overdue,
    risk: riskLevel,
    requestedAt: requestedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    remindedAt: remindedAt?.toISOString() ?? null,
    decidedAt: decidedAt?.toISOString() ?? null,
  };
}

/** Requests from before there were cleanups say nothing of one. */
function withCleanup(preview: ApprovalPreview): ApprovalPreview {
  return preview.kind === 'exchange' ? { ...preview, cleanup: preview.cleanup ?? null } : preview;
}
