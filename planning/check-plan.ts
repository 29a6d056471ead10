import type { PlanCheck } from '../contracts/policy.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import { assessPlan } from './assess-plan.ts';
import { strictest, type PlanToAssess } from './assess-probe.ts';

const maxListed = 500;

/** What its policies make of a plan, and the first probes that would not simply be sent. */
export async function checkPlan(tx: OrgTransaction, plan: PlanToAssess): Promise<PlanCheck> {
  const probes: PlanCheck['probes'][number][] = [];
  const { risk, needsRunApproval, counts } = await assessPlan(tx, plan, ({ probeId, stepId }, assessed) => {
    const decided = strictest(assessed);
    if (decided === undefined || decided.decision.action === 'allow' || probes.length >= maxListed) return;
    const { action, rule } = decided.decision;
    const riskRules = [...new Set(decided.risk.matches.map((match) => match.rule))];
    probes.push({ probeId, stepId, risk: decided.risk.level, riskRules, action, rule: rule?.name ?? null });
  });
  return { runId: plan.runId, needsRunApproval, worstRisk: risk.level, counts, probes };
}
