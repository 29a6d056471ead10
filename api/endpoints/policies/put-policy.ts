import { newPolicySchema, policySchema } from '../../../contracts/policy.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { listPolicies } from '../../../db/policies/list-policies.ts';
import { putPolicy as insertPolicy } from '../../../db/policies/put-policy.ts';
import { findProject } from '../../../db/projects/find-project.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { canonicalJson } from '../../../runtime/canonical-json.ts';
import { newId } from '../../../runtime/new-id.ts';
import { sha256Hex } from '../../../runtime/sha256.ts';
import { defineChange } from '../../define-endpoint.ts';

export const putPolicy = defineChange({
  id: 'putPolicy',
  method: 'post',
  path: '/api/policies',
  tag: 'approvals',
  summary: 'Set the policy of a project or of the organization: a new version, which decides about everything not asked for yet',
  auth: 'apiKey',
  failures: ['conflict'],
  input: { body: newPolicySchema },
  output: { status: 201, description: 'The policy. What is pending already keeps the rule that asked for it', schema: policySchema },
  change: async (tx, { body: { projectId, document, basedOn } }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    if (projectId !== null) requireFound(await findProject(tx, orgId, projectId), 'project', projectId);
    const { policyId, version } = await insertPolicy(tx, { orgId, policyId: newId('policy'), projectId, document, createdBy: actor });
    if (basedOn !== undefined && version !== basedOn + 1)
      throw new OrdealError(
        'conflict',
        `The policy is at version ${version - 1}, and this one was edited from ${basedOn}. Look at what has changed.`,
      );
    const detail = { projectId, version, sha256: sha256Hex(canonicalJson(document)) };
    await insertAudit(tx, { orgId, actor, requestId, action: 'policy.put', objectType: 'policy', objectId: policyId, detail });
    const [policy] = await listPolicies(tx, orgId, { policyId, before: undefined, rows: 1 });
    return { body: requireFound(policy, 'policy', policyId) };
  },
});
