import { sql } from 'kysely';

import type { OrgId, PolicyId, ProjectId } from '../../domain/ids.ts';
import type { PolicyDocument } from '../../domain/policy/policy.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface NewPolicyVersion {
  readonly orgId: OrgId;
  /** Used when the scope has no policy yet. */
  readonly policyId: PolicyId;
  /** `null` for the policy of the organization. */
  readonly projectId: ProjectId | null;
  readonly document: PolicyDocument;
  readonly createdBy: string;
}

/** Adds a version to the policy of a project or of the organization; from its commit on it decides about what is sent. */
export async function putPolicy(tx: OrgTransaction, policy: NewPolicyVersion): Promise<{ policyId: PolicyId; version: number }> {
  const { orgId, projectId } = policy;
  const row = await tx
    .insertInto('policies')
    .values({ org_id: orgId, policy_id: policy.policyId, project_id: projectId, latest_version: 1 })
    .onConflict((conflict) => conflict.columns(['org_id', 'project_id']).doUpdateSet({ latest_version: sql`policies.latest_version + 1` }))
    .returning(['policy_id', 'latest_version'])
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('policy_versions')
    .values({
      org_id: orgId,
      policy_id: row.policy_id,
      version: row.latest_version,
      document: JSON.stringify(policy.document),
      created_by: policy.createdBy,
    })
    .execute();
  return { policyId: row.policy_id as PolicyId, version: row.latest_version };
}
