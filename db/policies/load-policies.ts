import { sql, type Expression } from 'kysely';

import type { OrgId, ProjectId } from '../../domain/ids.ts';
import { builtinPolicy, type PolicyDocument, type PolicyScope, type PolicySource } from '../../domain/policy/policy.ts';
import type { OrgTransaction } from '../with-org.ts';

/** The newest policies for a project in order of precedence: its own, then the organization's; what ships where there are none. */
export async function loadPolicies(tx: OrgTransaction, orgId: OrgId, projectId: ProjectId): Promise<readonly PolicySource[]> {
  return toPolicies(await selectPolicies(tx, orgId, sql.val<string>(projectId)).execute());
}

/** A document that is not stored, in the place of the policy of the project or of the organization. */
export interface PolicyTrial {
  readonly document: PolicyDocument;
  readonly replaces: PolicyScope;
}

/** As `loadPolicies`, if that document were stored. */
export async function loadPoliciesWith(
  tx: OrgTransaction,
  { orgId, projectId }: { readonly orgId: OrgId; readonly projectId: ProjectId },
  { document, replaces }: PolicyTrial,
): Promise<readonly PolicySource[]> {
  const rows = await selectPolicies(tx, orgId, sql.val<string>(projectId)).execute();
  const others = rows.filter(({ project_id }) => (project_id === null) !== (replaces === 'organization')).map(toPolicy);
  const tried = { policyId: null, version: 1, document };
  return replaces === 'project' ? [tried, ...others] : [...others, tried];
}

/** The rows that `toPolicies` takes, also for a statement that reads more than policies. */
export function selectPolicies(tx: OrgTransaction, orgId: OrgId, projectId: Expression<string>) {
  return tx
    .selectFrom('policies as p')
    .innerJoin('policy_versions as v', (join) =>
      join.onRef('v.org_id', '=', 'p.org_id').onRef('v.policy_id', '=', 'p.policy_id').onRef('v.version', '=', 'p.latest_version'),
    )
    .select(['p.policy_id', 'p.project_id', 'v.version', 'v.document'])
    .where('p.org_id', '=', orgId)
    .where((where) => where.or([where('p.project_id', '=', projectId), where('p.project_id', 'is', null)]))
    .orderBy(sql`p.project_id is null`);
}

interface PolicyRow {
  readonly policy_id: string;
  readonly version: number;
  readonly document: unknown;
}

export function toPolicies(rows: readonly PolicyRow[]): readonly PolicySource[] {
  return rows.length === 0 ? [builtinPolicy] : rows.map(toPolicy);
}

function toPolicy({ policy_id, version, document }: PolicyRow): PolicySource {
  return { policyId: policy_id, version, document: document as PolicyDocument };
}
