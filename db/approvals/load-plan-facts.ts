import type { OrgId, ProjectId, RunId } from '../../domain/ids.ts';
import type { PolicySource } from '../../domain/policy/policy.ts';
import type { Environment } from '../../domain/risk/assess-risk.ts';
import type { TargetDefinition } from '../../domain/target.ts';
import { canonicalJson } from '../../runtime/canonical-json.ts';
import { sha256Hex } from '../../runtime/sha256.ts';
import { loadPolicies } from '../policies/load-policies.ts';
import type { ScriptSummary } from '../runs/plan-probes.ts';
import type { OrgTransaction } from '../with-org.ts';

/** What decides about a plan before any of it is sent. */
export interface PlanFacts {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly projectId: ProjectId;
  readonly environment: Environment;
  /** As they are now, in order of precedence. */
  readonly policies: readonly PolicySource[];
  /** As it was when the run was planned. */
  readonly target: TargetDefinition;
  readonly targetId: string;
  readonly targetName: string;
  readonly scripts: readonly string[];
  /** Over the plan and the target: what an approval of the run is bound to. */
  readonly payloadHash: string;
}

/** Undefined when there is no such run. */
export async function loadPlanFacts(
  tx: OrgTransaction,
  { orgId, runId }: { readonly orgId: OrgId; readonly runId: RunId },
): Promise<PlanFacts | undefined> {
  const row = await tx
    .selectFrom('runs as r')
    .innerJoin('projects as p', (join) => join.onRef('p.org_id', '=', 'r.org_id').onRef('p.project_id', '=', 'r.project_id'))
    .select(['r.project_id', 'p.environment', 'r.plan_hash', 'r.target_id', 'r.target_name', 'r.target_definition', 'r.scripts'])
    .where('r.org_id', '=', orgId)
    .where('r.run_id', '=', runId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const projectId = row.project_id as ProjectId;
  return {
    orgId,
    runId,
    projectId,
    environment: row.environment as Environment,
    policies: await loadPolicies(tx, orgId, projectId),
    target: row.target_definition as unknown as TargetDefinition,
    targetId: row.target_id,
    targetName: row.target_name,
    scripts: (row.scripts as unknown as ScriptSummary[]).map(({ slug }) => slug),
    payloadHash: sha256Hex(canonicalJson({ plan: row.plan_hash, target: row.target_definition })),
  };
}
