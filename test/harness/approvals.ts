import { insertDecision } from '../../db/approvals/insert-decision.ts';
import { putPolicy } from '../../db/policies/put-policy.ts';
import { withOrg } from '../../db/with-org.ts';
import type { ApprovalVerdict } from '../../domain/approvals/approval.ts';
import type { ApprovalId, DecisionId, MemberId, ProjectId, RunId } from '../../domain/ids.ts';
import { builtinPolicy, type PolicyDocument } from '../../domain/policy/policy.ts';
import type { Role } from '../../domain/roles.ts';
import { newId } from '../../runtime/new-id.ts';
import type { Engine } from './engine.ts';
import type { TestTenant } from './plan-run.ts';
import type { TestDatabase } from './test-database.ts';
import { waitUntil } from './wait-until.ts';

export interface WaitingApproval {
  readonly approval_id: ApprovalId;
  readonly run_id: RunId;
  readonly step_id: string | null;
  readonly status: string;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
}

/** Asks for an approval of whatever is risky, whatever the environment. */
export const strictPolicy: PolicyDocument = { rules: builtinPolicy.document.rules.slice(1) };

/** A policy for the tenant's project. */
export async function setPolicy(
  db: TestDatabase,
  tenant: TestTenant,
  document: PolicyDocument,
  projectId: ProjectId | null = tenant.projectId,
) {
  const policy = { orgId: tenant.orgId, policyId: newId('policy'), projectId, document, createdBy: 'test' };
  await withOrg(db.database, tenant.orgId, (tx) => putPolicy(tx, policy));
}

export async function addMember(db: TestDatabase, tenant: TestTenant, role: Role, name = `A ${role}`): Promise<MemberId> {
  const memberId = newId('member');
  await withOrg(db.database, tenant.orgId, (tx) =>
    tx.insertInto('members').values({ org_id: tenant.orgId, member_id: memberId, name, role }).execute(),
  );
  return memberId;
}

export function approvalsOf(db: TestDatabase, runId: RunId): Promise<WaitingApproval[]> {
  return db.query<WaitingApproval>(
    'select approval_id, run_id, step_id, status, decided_by, decided_at from approvals where run_id = $1 order by step_id, exchange_no',
    [runId],
  );
}

/** Waits until a run asks for so many approvals. */
export function pendingApprovals(db: TestDatabase, runId: RunId, count: number): Promise<WaitingApproval[]> {
  return waitUntil(`${count} pending approvals of ${runId}`, async () => {
    const pending = (await approvalsOf(db, runId)).filter(({ status }) => status === 'pending');
    return pending.length === count ? pending : undefined;
  });
}

export interface GivenDecision {
  readonly approvalId: ApprovalId;
  readonly memberId: MemberId;
  readonly verdict: ApprovalVerdict;
}

/** Stores a decision, which counts once it is applied. */
export async function giveDecision(db: TestDatabase, tenant: TestTenant, given: GivenDecision): Promise<DecisionId> {
  const decisionId = newId('decision');
  const comment = given.verdict === 'reject' ? 'no' : null;
  await withOrg(db.database, tenant.orgId, (tx) =>
    insertDecision(tx, { ...given, orgId: tenant.orgId, decisionId, actor: given.memberId, via: 'api', comment }),
  );
  return decisionId;
}

/** Decides through the workflow, as the API does. */
export async function decide({ db, tenant, worker }: Engine, runId: RunId, given: GivenDecision) {
  return worker.runs.decide(runId, await giveDecision(db, tenant, given));
}
