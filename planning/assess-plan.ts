import { readWholePlan, type StoredProbe } from '../db/runs/list-plan.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import { needsRunApproval, type PolicyAction } from '../domain/policy/policy.ts';
import type { RiskAssessment, RiskMatch } from '../domain/risk/assess-risk.ts';
import { isAtLeast } from '../domain/severity.ts';
import { assessProbe, strictest, type AssessedProbe, type PlanToAssess } from './assess-probe.ts';

export interface AssessedPlan {
  /** The worst that the plan holds, with every rule that matched, once. */
  readonly risk: RiskAssessment;
  readonly needsRunApproval: boolean;
  readonly probes: number;
  /** Probes that send something, by what becomes of it: of several exchanges the strictest counts. */
  readonly counts: Readonly<Record<PolicyAction, number>>;
}

/** What would become of a whole plan now; `onProbe` is shown each of its probes. */
export async function assessPlan(
  tx: OrgTransaction,
  plan: PlanToAssess,
  onProbe?: (stored: StoredProbe, assessed: AssessedProbe) => void,
): Promise<AssessedPlan> {
  const matches = new Map<string, RiskMatch>();
  const counts = { allow: 0, approve: 0, refuse: 0 };
  let level: RiskAssessment['level'] = 'low';
  let probes = 0;
  for await (const stored of readWholePlan(tx, plan)) {
    const assessed = assessProbe(plan, stored);
    for (const { risk } of assessed.exchanges) {
      if (isAtLeast(risk.level, level)) level = risk.level;
      for (const match of risk.matches) if (!matches.has(match.rule)) matches.set(match.rule, match);
    }
    const decided = strictest(assessed);
    if (decided !== undefined) counts[decided.decision.action] += 1;
    probes += 1;
    onProbe?.(stored, assessed);
  }
  const { policies, environment } = plan;
  return {
    risk: { level, matches: [...matches.values()] },
    needsRunApproval: needsRunApproval(policies, { environment, worst: level }),
    probes,
    counts,
  };
}
