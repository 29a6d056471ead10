import type { ProjectId } from '../../domain/ids.ts';
import type { PolicySource } from '../../domain/policy/policy.ts';
import type { Environment } from '../../domain/risk/assess-risk.ts';
import { probeKey, type ProbeKey } from '../runs/step-key.ts';
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

/** What people were asked about the exchanges of a probe, and what they said. */
export async function loadProbeApprovals(tx: OrgTransaction, probe: ProbeKey): Promise<ProbeApproval[]> {
  const rows = await tx
    .selectFrom('approvals')
    .select(approvalColumns)
    .select(['conversation_no', 'exchange_no'])
    .where((eb) => eb.and(probeKey(probe)))
    .execute();
  return rows.map((row) => ({ ...toApproval(row), conversationNo: row.conversation_no, exchangeNo: row.exchange_no }));
}
