import { sql } from 'kysely';

import type { OrgId, ProjectId, RunId } from '../../domain/ids.ts';
import type { PolicySource } from '../../domain/policy/policy.ts';
import { assessRisk, type Environment, type RiskAssessment, type RiskMatch } from '../../domain/risk/assess-risk.ts';
import { riskOfStep } from '../../domain/risk/risk-facts.ts';
import { isAtLeast } from '../../domain/severity.ts';
import { canonicalJson } from '../../runtime/canonical-json.ts';
import { sha256Hex } from '../../runtime/sha256.ts';
import { loadPolicies } from '../policies/load-policies.ts';
import type { ScriptSummary } from '../runs/plan-probes.ts';
import type { OrgTransaction } from '../with-org.ts';
import { approvalColumns, toApproval, type ApprovalRecord } from './approval-record.ts';
import { readPlannedSteps } from './read-planned-steps.ts';

/** What decides whether a run may begin. */
export interface StartFacts {
  readonly projectId: ProjectId;
  readonly environment: Environment;
  readonly policies: readonly PolicySource[];
  /** Over the plan and the target: what an approval of the run is bound to. */
  readonly payloadHash: string;
  readonly target: string;
  readonly scripts: readonly string[];
  readonly approval: ApprovalRecord | null;
  /** Whether anything was sent already. */
  readonly hasBegun: boolean;
}

export async function loadStartFacts(tx: OrgTransaction, run: { readonly orgId: OrgId; readonly runId: RunId }): Promise<StartFacts> {
  const row = await tx
    .selectFrom('runs as r')
    .innerJoin('projects as p', (join) => join.onRef('p.org_id', '=', 'r.org_id').onRef('p.project_id', '=', 'r.project_id'))
    .select(['r.project_id', 'p.environment', 'r.plan_hash', 'r.target_name', 'r.target_definition', 'r.scripts'])
    .select(sql<boolean>`exists (select from attempts a where a.org_id = r.org_id and a.run_id = r.run_id)`.as('has_begun'))
    .where('r.org_id', '=', run.orgId)
    .where('r.run_id', '=', run.runId)
    .executeTakeFirstOrThrow();
  const projectId = row.project_id as ProjectId;
  const environment = row.environment as Environment;
  const policies = await loadPolicies(tx, run.orgId, projectId);
  return {
    projectId,
    environment,
    policies,
    payloadHash: sha256Hex(canonicalJson({ plan: row.plan_hash, target: row.target_definition })),
    target: row.target_name,
    scripts: (row.scripts as unknown as ScriptSummary[]).map(({ slug }) => slug),
    approval: await loadApproval(tx, run),
    hasBegun: row.has_begun,
  };
}

async function loadApproval(tx: OrgTransaction, run: { readonly orgId: OrgId; readonly runId: RunId }): Promise<ApprovalRecord | null> {
  const row = await tx
    .selectFrom('approvals')
    .select(approvalColumns)
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .where('kind', '=', 'run')
    .executeTakeFirst();
  return row === undefined ? null : toApproval(row);
}

/** The worst risk that a plan holds, with every rule that matched, once. */
export async function assessPlan(
  tx: OrgTransaction,
  run: { readonly orgId: OrgId; readonly runId: RunId },
  environment: Environment,
): Promise<{ readonly risk: RiskAssessment; readonly probes: number }> {
  const matches = new Map<string, RiskMatch>();
  let level: RiskAssessment['level'] = 'low';
  let probes = 0;
  for await (const { step } of readPlannedSteps(tx, run)) {
    const risk = assessRisk(riskOfStep(step, environment));
    if (isAtLeast(risk.level, level)) level = risk.level;
    for (const match of risk.matches) if (!matches.has(match.rule)) matches.set(match.rule, match);
    probes += 1;
  }
  return { risk: { level, matches: [...matches.values()] }, probes };
}
