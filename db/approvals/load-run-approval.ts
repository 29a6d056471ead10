import type { OrgTransaction } from '../with-org.ts';
import { approvalColumns, toApproval, type ApprovalRecord } from './approval-record.ts';
import type { RunKey } from '../runs/step-key.ts';

/** The request to approve a run as a whole, if there is one. */
export async function loadRunApproval(tx: OrgTransaction, { orgId, runId }: RunKey): Promise<ApprovalRecord | undefined> {
  const row = await tx
    .selectFrom('approvals')
    .select(approvalColumns)
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('kind', '=', 'run')
    .executeTakeFirst();
  return row === undefined ? undefined : toApproval(row);
}

/** Whether anything of a run was sent already. */
export async function hasBegun(tx: OrgTransaction, { orgId, runId }: RunKey): Promise<boolean> {
  const row = await tx
    .selectFrom('attempts')
    .select('attempt_id')
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
