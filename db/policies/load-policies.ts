import { sql } from 'kysely';

import type { OrgId, ProjectId } from '../../domain/ids.ts';
import { builtinPolicy, type PolicySource } from '../../domain/policy/policy.ts';
import type { OrgTransaction } from '../with-org.ts';

/** The newest policies for a project in order of precedence: its own, then the organization's; what ships where there are none. */
export async function loadPolicies(tx: OrgTransaction, orgId: OrgId, projectId: ProjectId): Promise<readonly PolicySource[]> {
  const rows = await tx
    .selectFrom('policies as p')
    .innerJoin('policy_versions as v', (join) =>
      join.onRef('v.org_id', '=', 'p.org_id').onRef('v.policy_id', '=', 'p.policy_id').onRef('v.version', '=', 'p.latest_version'),
    )
    .select(['p.policy_id', 'v.version', 'v.document'])
    .where('p.org_id', '=', orgId)
    .where((where) => where.or([where('p.project_id', '=', projectId), where('p.project_id', 'is', null)]))
    .orderBy(sql`p.project_id is null`)
    .execute();
  const sources = rows.map((row) => ({
    policyId: row.policy_id,
    version: row.version,
    document: row.document as unknown as PolicySource['document'],
  }));
  return sources.length === 0 ? [builtinPolicy] : sources;
}
