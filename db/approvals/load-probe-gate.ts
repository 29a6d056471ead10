import type { OrgId, ProjectId } from '../../domain/ids.ts';
import type { PolicySource } from '../../domain/policy/policy.ts';
import type { Environment } from '../../domain/risk/assess-risk.ts';
import { loadPolicies } from '../policies/load-policies.ts';
import type { HeldProbe } from '../runs/step-key.ts';
import type { OrgTransaction } from '../with-org.ts';
import { approvalColumns, toApproval, type ApprovalRecord } from './approval-record.ts';

/** What decides whether the next request of a probe may be sent. */
export interface ProbeGate {
  readonly projectId: ProjectId;
  readonly environment: Environment;
  /** As they are now, in order of precedence. */
  readonly policies: readonly PolicySource[];
  readonly approvals: readonly ProbeApproval[];
}

export interface ProbeApproval extends ApprovalRecord {
  readonly conversationNo: number | null;
  readonly exchangeNo: number | null;
}

export async function loadProbeGate(
  tx: OrgTransaction,
  held: HeldProbe,
  project: Pick<ProbeGate, 'projectId' | 'environment'>,
): Promise<ProbeGate> {
  const { orgId } = held;
  return { ...project, policies: await loadPolicies(tx, orgId, project.projectId), approvals: await loadApprovals(tx, orgId, held) };
}

async function loadApprovals(tx: OrgTransaction, orgId: OrgId, held: HeldProbe): Promise<ProbeApproval[]> {
  const rows = await tx
    .selectFrom('approvals')
    .select(approvalColumns)
    .select(['conversation_no', 'exchange_no'])
    .where('org_id', '=', orgId)
    .where('run_id', '=', held.runId)
    .where('step_id', '=', held.stepId)
    .where('variant_no', '=', held.variantNo)
    .execute();
  return rows.map((row) => ({ ...toApproval(row), conversationNo: row.conversation_no, exchangeNo: row.exchange_no }));
}
