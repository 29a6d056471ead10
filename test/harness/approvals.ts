import { insertDecision } from '../../db/approvals/insert-decision.ts';
import { insertDecisionToken } from '../../db/approvals/insert-decision-token.ts';
import { putPolicy } from '../../db/policies/put-policy.ts';
import { withOrg } from '../../db/with-org.ts';
import type { ApprovalVerdict } from '../../domain/approvals/approval.ts';
import { runWorkflowId, type ApprovalId, type DecisionId, type MemberId, type RunId } from '../../domain/ids.ts';
import { builtinPolicy, type PolicyDocument } from '../../domain/policy/policy.ts';
import type { Role } from '../../domain/roles.ts';
import { mintDecisionToken } from '../../runtime/decision-token.ts';
import { newId } from '../../runtime/new-id.ts';
import type { SecretKey } from '../../runtime/secret-box.ts';
import { decideApprovalSignal } from '../../workflows/run-messages.ts';
import type { SeenRequest } from '../fakes/scripted-agent.ts';
import type { EndedRun, Engine } from './engine.ts';
import type { TestTenant } from './plan-run.ts';
import type { TestDatabase } from './test-database.ts';
import { testSecretKey, type TestWorker } from './test-worker.ts';
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
export async function setPolicy(db: TestDatabase, tenant: TestTenant, document: PolicyDocument): Promise<void> {
  const policy = { ...tenant, policyId: newId('policy'), document, createdBy: 'test' };
  await withOrg(db.database, tenant.orgId, (tx) => putPolicy(tx, policy));
}

export async function addMember(db: TestDatabase, tenant: TestTenant, role: Role): Promise<MemberId> {
  const memberId = newId('member');
  await withOrg(db.database, tenant.orgId, (tx) =>
    tx
      .insertInto('members')
      .values({ org_id: tenant.orgId, member_id: memberId, name: `A ${role}`, role })
      .execute(),
  );
  return memberId;
}

export function approvalsOf(db: TestDatabase, runId: RunId): Promise<WaitingApproval[]> {
  return db.query<WaitingApproval>(
    'select approval_id, run_id, step_id, status, decided_by, decided_at from approvals where run_id = $1 order by step_id, exchange_no',
    [runId],
  );
}

/**
 * Requests of a run, by the log of the target, that came before somebody had approved them: none may. What needs no
 * approval is left out.
 */
export async function sentBeforeDecided(db: TestDatabase, runId: RunId, seen: readonly SeenRequest[]): Promise<string[]> {
  const gates = await db.query<{ attempt_id: string; status: string; decided_at: Date | null }>(
    `select a.attempt_id, p.status, p.decided_at from attempts a join approvals p
       on (p.org_id, p.run_id, p.step_id, p.variant_no, p.conversation_no, p.exchange_no)
        = (a.org_id, a.run_id, a.step_id, a.variant_no, a.conversation_no, a.exchange_no)
     where a.run_id = $1`,
    [runId],
  );
  const gateOf = new Map(gates.map((gate) => [gate.attempt_id, gate]));
  return seen.flatMap(({ headers, atMs }) => {
    const gate = gateOf.get(String(headers['x-request-id']));
    const isFine = gate === undefined || (gate.status === 'approved' && gate.decided_at !== null && gate.decided_at.getTime() <= atMs);
    return isFine ? [] : [`${gate.attempt_id} arrived at ${atMs}; its approval is ${gate.status} since ${gate.decided_at?.getTime()}`];
  });
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

/** A token that decides once, as the API gives it. `key`: of the installation; default the one of the tests' own processes. */
export async function issueToken(
  db: TestDatabase,
  tenant: TestTenant,
  { key = testSecretKey, ...given }: GivenDecision & { readonly key?: SecretKey },
): Promise<string> {
  const tokenId = newId('decisionToken');
  const comment = given.verdict === 'reject' ? 'no' : null;
  const [approval] = await db.query<{ payload_hash: string }>('select payload_hash from approvals where approval_id = $1', [
    given.approvalId,
  ]);
  const expiresAt = await withOrg(db.database, tenant.orgId, (tx) =>
    insertDecisionToken(tx, { ...given, orgId: tenant.orgId, tokenId, issuedBy: 'test', comment }),
  );
  const grant = { ...given, tokenId, orgId: tenant.orgId, payloadHash: approval?.payload_hash ?? '' };
  return mintDecisionToken(key, { ...grant, expiresAt: Math.floor(expiresAt.getTime() / 1_000) });
}

export function signalDecision({ temporal }: TestWorker, runId: RunId, token: string): Promise<void> {
  return temporal.call((client) => client.workflow.getHandle(runWorkflowId(runId)).signal(decideApprovalSignal, token));
}

/** Approves whatever a run asks for, until it has ended. */
export async function approveUntilEnd(engine: Engine, runId: RunId): Promise<EndedRun> {
  const memberId = await addMember(engine.db, engine.tenant, 'approver');
  await waitUntil(`the end of ${runId}`, async () => {
    for (const { approval_id: approvalId, status } of await approvalsOf(engine.db, runId)) {
      if (status === 'pending') await decide(engine, runId, { approvalId, memberId, verdict: 'approve' });
    }
    const ended = await engine.db.query('select 1 from runs where run_id = $1 and ended_at is not null', [runId]);
    return ended.length > 0;
  });
  return engine.ended(runId);
}
