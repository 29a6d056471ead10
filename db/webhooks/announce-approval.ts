import { sql } from 'kysely';

import type { WebhookId } from '../../domain/ids.ts';
import type { Environment } from '../../domain/risk/assess-risk.ts';
import { approvalBody, type ApprovalFacts, type WebhookEvent } from '../../domain/webhooks/webhook-event.ts';
import { newId } from '../../runtime/new-id.ts';
import type { ApprovalRecord } from '../approvals/approval-record.ts';
import type { OrgTransaction } from '../with-org.ts';
import { insertDeliveries, selectTold } from './insert-delivery.ts';

/** Tells every webhook that wants to know, in the transaction of what happened to the approval: one delivery each. */
export async function announceApproval(tx: OrgTransaction, approval: ApprovalRecord, event: WebhookEvent): Promise<void> {
  const { orgId, approvalId, projectId } = approval;
  const webhooks = await selectTold(tx, orgId)
    .where((where) => where.or([where('project_id', 'is', null), where('project_id', '=', projectId)]))
    .where(sql<boolean>`${event} = any (events)`)
    .execute();
  if (webhooks.length === 0) return;
  const body = approvalBody(event, occurrenceOf(event, approval), await loadFacts(tx, approval));
  await insertDeliveries(
    tx,
    webhooks.map((row) => ({ orgId, deliveryId: newId('delivery'), webhookId: row.webhook_id as WebhookId, event, approvalId, body })),
  );
}

/** By the clock of the database, like everything of an approval. */
function occurrenceOf(event: WebhookEvent, { requestedAt, remindedAt, decidedAt }: ApprovalRecord): Date {
  const occurredAt = event === 'approval.reminder' ? remindedAt : decidedAt;
  return occurredAt ?? requestedAt;
}

async function loadFacts(tx: OrgTransaction, approval: ApprovalRecord): Promise<ApprovalFacts> {
  const { orgId, approvalId, kind, projectId, runId, stepId, riskLevel, status, quorum, payloadHash, decidedBy, decidedFor } = approval;
  const row = await tx
    .selectFrom('approvals as a')
    .leftJoin('members as d', (join) => join.onRef('d.org_id', '=', 'a.org_id').onRef('d.member_id', '=', 'a.decided_by'))
    .leftJoin('members as l', (join) => join.onRef('l.org_id', '=', 'a.org_id').onRef('l.member_id', '=', 'a.decided_for'))
    .select([
      'd.name as decider_name',
      'l.name as lender_name',
      sql<string>`a.preview->>'target'`.as('target'),
      sql<string>`a.preview->>'environment'`.as('environment'),
      sql<string[]>`array(select m->>'rule' from jsonb_array_elements(a.risk) as m)`.as('rules'),
    ])
    .where('a.org_id', '=', orgId)
    .where('a.approval_id', '=', approvalId)
    .executeTakeFirstOrThrow();
  return {
    approvalId,
    kind,
    projectId,
    runId,
    stepId,
    target: row.target,
    environment: row.environment as Environment,
    risk: riskLevel,
    riskRules: row.rules,
    status,
    quorum,
    payloadHash,
    requestedAt: approval.requestedAt.toISOString(),
    expiresAt: approval.expiresAt.toISOString(),
    decidedAt: approval.decidedAt?.toISOString() ?? null,
    decidedBy: decidedBy === null ? null : { id: decidedBy, name: row.decider_name },
    decidedFor: decidedFor === null ? null : { id: decidedFor, name: row.lender_name },
    path: `/api/approvals/${approvalId}`,
  };
}
