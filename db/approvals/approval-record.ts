import type { ApprovalKind, ApprovalStatus } from '../../domain/approvals/approval.ts';
import type { ApprovalId, OrgId, ProjectId, RunId } from '../../domain/ids.ts';
import type { Severity } from '../../domain/severity.ts';

/** A request to approve, as it is stored. */
export interface ApprovalRecord {
  readonly orgId: OrgId;
  readonly approvalId: ApprovalId;
  readonly kind: ApprovalKind;
  readonly projectId: ProjectId;
  readonly runId: RunId;
  readonly stepId: string | null;
  readonly payloadHash: string;
  readonly riskLevel: Severity;
  readonly quorum: number;
  readonly excludedMembers: readonly string[];
  readonly status: ApprovalStatus;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  /** When people were last reminded. */
  readonly remindedAt: Date | null;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  /** In whose place; `null` for a right of one's own. */
  readonly decidedFor: string | null;
}

export const approvalColumns = [
  'org_id',
  'approval_id',
  'kind',
  'project_id',
  'run_id',
  'step_id',
  'payload_hash',
  'risk_level',
  'quorum',
  'excluded_members',
  'status',
  'requested_at',
  'expires_at',
  'reminded_at',
  'decided_at',
  'decided_by',
  'decided_for',
] as const;

export interface ApprovalRow {
  org_id: string;
  approval_id: string;
  kind: string;
  project_id: string;
  run_id: string;
  step_id: string | null;
  payload_hash: string;
  risk_level: string;
  quorum: number;
  excluded_members: string[];
  status: string;
  requested_at: Date;
  expires_at: Date;
  reminded_at: Date | null;
  decided_at: Date | null;
  decided_by: string | null;
  decided_for: string | null;
}

export function toApproval(row: ApprovalRow): ApprovalRecord {
  return {
    orgId: row.org_id as OrgId,
    approvalId: row.approval_id as ApprovalId,
    kind: row.kind as ApprovalKind,
    projectId: row.project_id as ProjectId,
    runId: row.run_id as RunId,
    stepId: row.step_id,
    payloadHash: row.payload_hash,
    riskLevel: row.risk_level as Severity,
    quorum: row.quorum,
    excludedMembers: row.excluded_members,
    status: row.status as ApprovalStatus,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    remindedAt: row.reminded_at,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    decidedFor: row.decided_for,
  };
}
