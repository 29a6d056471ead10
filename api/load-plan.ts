import { loadPlanFacts } from '../db/approvals/load-plan-facts.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import type { OrgId, RunId } from '../domain/ids.ts';
import { requireFound } from '../domain/require-found.ts';
import type { PlanToAssess } from '../planning/assess-probe.ts';
import type { ApiDependencies } from './api-dependencies.ts';

/** The plan of a run as it would be executed now. Throws `not_found`. */
export async function loadPlan(
  tx: OrgTransaction,
  { secretKeys, publicUrl }: ApiDependencies,
  run: { readonly orgId: OrgId; readonly runId: RunId },
): Promise<PlanToAssess> {
  const facts = requireFound(await loadPlanFacts(tx, run), 'run', run.runId);
  return { ...facts, documents: { secretKeys, publicUrl } };
}
