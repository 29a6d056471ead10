import { sql, type RawBuilder } from 'kysely';

import type { ApprovalPreview, PolicySnapshot } from '../../domain/approvals/approval-preview.ts';
import { auditText } from '../../domain/audit-detail.ts';
import type { ApprovalId, OrgId, PolicyId, ProjectId, RunId, TargetId } from '../../domain/ids.ts';
import type { RiskAssessment } from '../../domain/risk/assess-risk.ts';
import { insertAudit } from '../insert-audit.ts';
import { reminders } from '../../domain/approvals/reminders.ts';
import { appendToFeed } from '../runs/append-to-feed.ts';
import { announceApproval } from '../webhooks/announce-approval.ts';
import type { OrgTransaction } from '../with-org.ts';
import { approvalColumns, toApproval, type ApprovalRecord } from './approval-record.ts';
import { listExcludedMembers } from './list-excluded-members.ts';
import { sha256Hex } from '../../runtime/sha256.ts';

export interface NewApproval {
  readonly orgId: OrgId;
  readonly approvalId: ApprovalId;
  readonly projectId: ProjectId;
  readonly runId: RunId;
  /** The exchange that is to wait; `null` for the run as a whole. */
  readonly place: ApprovalPlace | null;
  /** Whose editors have no say. */
  readonly scriptSlugs: readonly string[];
  readonly payloadHash: string;
  readonly preview: ApprovalPreview;
  readonly risk: RiskAssessment;
  readonly policy: PolicySnapshot;
}

export interface ApprovalPlace {
  readonly stepId: string;
  readonly variantNo: number;
  readonly conversationNo: number;
  readonly exchangeNo: number;
}

/**
 * Asks for an approval, once for each exchange and run: asking again returns the request that there is. `stopping` when
 * the run takes no further request; the share lock makes a stop wait, so that it finds every request there is to cancel.
 */
export async function requestApproval(tx: OrgTransaction, request: NewApproval): Promise<ApprovalRecord | 'stopping'> {
  const run = await tx
    .selectFrom('runs')
    .select(['stop_requested_at', 'target_id'])
    .where('org_id', '=', request.orgId)
    .where('run_id', '=', request.runId)
    .forShare()
    .executeTakeFirstOrThrow();
  if (run.stop_requested_at !== null) return 'stopping';
  const inserted = await insert(tx, request, await listExcludedMembers(tx, { ...request, targetId: run.target_id as TargetId }));
  if (inserted === undefined) return loadExisting(tx, request);
  const { orgId, approvalId, runId, risk } = request;
  const detail = {
    runId,
    stepId: auditText('slug', inserted.stepId),
    payloadHash: auditText('sha256', inserted.payloadHash),
    risk: risk.level,
    rule: auditedRule(request.policy.rule),
  };
  await insertAudit(tx, { orgId, actor: 'engine', action: 'approval.request', objectType: 'approval', objectId: approvalId, detail });
  await announceApproval(tx, inserted, 'approval.requested');
  const data = { approvalId, stepId: inserted.stepId, risk: risk.level, expiresAt: inserted.expiresAt.toISOString() };
  await appendToFeed(tx, request, { type: 'approval_requested', data });
  return inserted;
}

/** What a rule is called was written by somebody; the version of the policy says which it is. */
function auditedRule(rule: NewApproval['policy']['rule']) {
  if (rule === null) return null;
  return { policyId: rule.policyId as PolicyId | null, version: rule.version, nameSha256: sha256Hex(rule.name) };
}

async function insert(tx: OrgTransaction, request: NewApproval, excluded: readonly string[]): Promise<ApprovalRecord | undefined> {
  const { place, risk, policy } = request;
  const row = await tx
    .insertInto('approvals')
    .values({
      org_id: request.orgId,
      approval_id: request.approvalId,
      kind: place === null ? 'run' : 'exchange',
      project_id: request.projectId,
      run_id: request.runId,
      step_id: place?.stepId ?? null,
      variant_no: place?.variantNo ?? null,
      conversation_no: place?.conversationNo ?? null,
      exchange_no: place?.exchangeNo ?? null,
      payload_hash: request.payloadHash,
      preview: JSON.stringify(request.preview),
      risk_level: risk.level,
      risk: JSON.stringify(risk.matches),
      policy: JSON.stringify(policy),
      quorum: policy.quorum,
      excluded_members: [...excluded],
      expires_at: inSeconds(policy.expiresInHours * 3_600),
      remind_at: inSeconds(policy.expiresInHours * 3_600 * reminders.first),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning(approvalColumns)
    .executeTakeFirst();
  return row === undefined ? undefined : toApproval(row);
}

/** By the clock of the database. */
function inSeconds(seconds: number): RawBuilder<Date> {
  return sql<Date>`now() + make_interval(secs => ${seconds})`;
}

async function loadExisting(tx: OrgTransaction, { orgId, runId, place }: NewApproval): Promise<ApprovalRecord> {
  const row = await tx
    .selectFrom('approvals')
    .select(approvalColumns)
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('step_id', 'is not distinct from', place?.stepId ?? null)
    .where('variant_no', 'is not distinct from', place?.variantNo ?? null)
    .where('conversation_no', 'is not distinct from', place?.conversationNo ?? null)
    .where('exchange_no', 'is not distinct from', place?.exchangeNo ?? null)
    .executeTakeFirstOrThrow();
  return toApproval(row);
}
