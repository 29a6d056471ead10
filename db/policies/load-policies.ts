import { sql, type Expression } from 'kysely';

import type { OrgId, ProjectId } from '../../domain/ids.ts';
import { builtinPolicy, type PolicySource } from '../../domain/policy/policy.ts';
import type { OrgTransaction } from '../with-org.ts';

/** The newest policies for a project in order of precedence: its own, then the organization's; what ships where there are none. */
export async function loadPolicies(tx: OrgTransaction, orgId: OrgId, projectId: ProjectId): Promise<readonly PolicySource[]> {
  return toPolicies(await selectPolicies(tx, orgId, sql.val<string>(projectId)).execute());
}

/** The rows that `toPolicies` takes, also for a statement that reads more than policies. */
export function selectPolicies(tx: OrgTransaction, orgId: OrgId, projectId: Expression<string>) {
  return tx
    .selectFrom('policies as p')
    .innerJoin('policy_versions as v', (join) =>
      join.onRef('v.org_id', '=', 'p.org_id').onRef('v.policy_id', '=', 'p.policy_id').onRef('v.version', '=', 'p.latest_version'),
    )
    .select(['p.policy_id', 'v.version', 'v.document'])
    .where('p.org_id', '=', orgId)
    .where((where) => where.or([where('p.project_id', '=', projectId), where('p.project_id', 'is', null)]))
    .orderBy(sql`p.project_id is null`);
}

export function toPolicies(
  rows: readonly { readonly policy_id: string; readonly version: number; readonly document: unknown }[],
): readonly PolicySource[] {
  if (rows.length === 0) return [builtinPolicy];
  return rows.map(({ policy_id, version, document }) => ({
    policyId: policy_id,
    version,
    document: document as PolicySource['document'],
  }));
}
