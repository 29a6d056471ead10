import type { z } from 'zod';

import type { policyCheckResultSchema } from '../../contracts/policy.ts';
import type { OrgId, ProbeId, ProjectId, RunId } from '../../domain/ids.ts';
import { decideByPolicy, needsRunApproval, type PolicyDocument } from '../../domain/policy/policy.ts';
import { assessRisk, type Environment } from '../../domain/risk/assess-risk.ts';
import { riskOfStep } from '../../domain/risk/risk-facts.ts';
import { isAtLeast, type Severity } from '../../domain/severity.ts';
import { loadPolicies } from '../policies/load-policies.ts';
import type { OrgTransaction } from '../with-org.ts';
import { readPlannedSteps } from './read-planned-steps.ts';

export type PlanCheck = z.output<typeof policyCheckResultSchema>;

const maxListed = 500;

/** What a policy makes of a plan; undefined when there is no such run. */
export async function checkPlan(
  tx: OrgTransaction,
  { orgId, runId, document }: { readonly orgId: OrgId; readonly runId: RunId; readonly document?: PolicyDocument },
): Promise<PlanCheck | undefined> {
  const run = await tx
    .selectFrom('runs as r')
    .innerJoin('projects as p', (join) => join.onRef('p.org_id', '=', 'r.org_id').onRef('p.project_id', '=', 'r.project_id'))
    .select(['p.project_id', 'p.environment'])
    .where('r.org_id', '=', orgId)
    .where('r.run_id', '=', runId)
    .executeTakeFirst();
  if (run === undefined) return undefined;
  const environment = run.environment as Environment;
  const policies =
    document === undefined ? await loadPolicies(tx, orgId, run.project_id as ProjectId) : [{ policyId: null, version: 1, document }];
  const counts = { allow: 0, approve: 0, refuse: 0 };
  const probes: PlanCheck['probes'][number][] = [];
  let worst: Severity = 'low';
  for await (const { probeId, step } of readPlannedSteps(tx, { orgId, runId })) {
    const risk = assessRisk(riskOfStep(step, environment));
    const { category, kind, effect = null } = step;
    const { action, rule } = decideByPolicy(policies, { risk, category, kind, effect, environment });
    if (isAtLeast(risk.level, worst)) worst = risk.level;
    counts[action] += 1;
    if (action === 'allow' || probes.length >= maxListed) continue;
    const riskRules = risk.matches.map((match) => match.rule);
    probes.push({ probeId: probeId as ProbeId, stepId: step.id, risk: risk.level, riskRules, action, rule: rule?.name ?? null });
  }
  return { runId, needsRunApproval: needsRunApproval(policies, { environment, worst }), worstRisk: worst, counts, probes };
}
