import type { Policy } from '../../contracts/policy.ts';
import type { OrgId, PolicyId, ProjectId } from '../../domain/ids.ts';
import type { PolicyDocument } from '../../domain/policy/policy.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface PolicyFilter {
  /** Every version of this one; without it, the newest of each. */
  readonly policyId?: PolicyId | undefined;
  readonly before: readonly [policyId: string, version: number] | undefined;
  readonly rows: number;
}

/** Policies, newest first, starting below `before`. */
export async function listPolicies(tx: OrgTransaction, orgId: OrgId, { policyId, before, rows: limit }: PolicyFilter): Promise<Policy[]> {
  let query = tx
    .selectFrom('policies as p')
    .innerJoin('policy_versions as v', (join) => join.onRef('v.org_id', '=', 'p.org_id').onRef('v.policy_id', '=', 'p.policy_id'))
    .select(['p.policy_id', 'p.project_id', 'v.version', 'v.document', 'v.created_by', 'v.created_at'])
    .where('p.org_id', '=', orgId);
  query = policyId === undefined ? query.whereRef('v.version', '=', 'p.latest_version') : query.where('p.policy_id', '=', policyId);
  if (before !== undefined) {
    const [id, version] = before;
    query = query.where((where) =>
      where.or([where('p.policy_id', '<', id), where.and([where('p.policy_id', '=', id), where('v.version', '<', version)])]),
    );
  }
  const rows = await query.orderBy('p.policy_id', 'desc').orderBy('v.version', 'desc').limit(limit).execute();
  return rows.map((row) => ({
    policyId: row.policy_id as PolicyId,
    projectId: row.project_id as ProjectId | null,
    version: row.version,
    document: row.document as unknown as PolicyDocument,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
  }));
}
