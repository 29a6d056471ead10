import { applyDecision } from '../db/approvals/apply-decision.ts';
import { markDecisionSeen } from '../db/approvals/decision-sight.ts';
import { redeemToken } from '../db/approvals/redeem-token.ts';
import { withOrg, type OrgTransaction } from '../db/with-org.ts';
import type { AppliedDecision } from '../domain/approvals/approval.ts';
import { newId } from '../runtime/new-id.ts';
import { parseDecisionToken } from '../runtime/decision-token.ts';
import type { DecisionRef, RunRef } from './run-activities.ts';
import type { StepDependencies } from './step-dependencies.ts';

/** Lets a stored decision count, unless it did before, and keeps that the workflow knows of it. Done again, it tells the same. */
export function decideApproval(deps: StepDependencies, { orgId, decisionId }: DecisionRef): Promise<AppliedDecision> {
  return withOrg(deps.database, orgId, (tx) => applyHere(tx, { orgId, decisionId }));
}

/** Uses a decision token and lets its decision count, in one transaction; `null` for a token that is good for nothing here. */
export function redeemDecisionToken(
  deps: StepDependencies,
  { orgId, runId, token }: RunRef & { token: string },
): Promise<AppliedDecision | null> {
  const grant = parseDecisionToken(deps.secretKeys, token);
  if (grant === undefined || grant.orgId !== orgId) {
    deps.log.warn({ runId }, 'a decision token that is not of this installation and organization was sent to a run');
    return Promise.resolve(null);
  }
  return withOrg(deps.database, orgId, async (tx) => {
    const decisionId = newId('decision');
    if (!(await redeemToken(tx, { ...grant, decisionId }))) return null;
    return applyHere(tx, { orgId, decisionId });
  });
}

/** The workflow, which asks for this, knows of the decision from then on. */
async function applyHere(tx: OrgTransaction, decision: DecisionRef): Promise<AppliedDecision> {
  const applied = await applyDecision(tx, decision);
  await markDecisionSeen(tx, decision);
  return applied;
}
