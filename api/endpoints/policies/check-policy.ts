import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { policyCheckResultSchema, policyCheckSchema } from '../../../contracts/policy.ts';
import { loadPoliciesWith } from '../../../db/policies/load-policies.ts';
import { withOrg } from '../../../db/with-org.ts';
import { checkPlan } from '../../../planning/check-plan.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { loadPlan } from '../../load-plan.ts';

export const checkPolicy = defineEndpoint({
  id: 'checkPolicy',
  method: 'post',
  path: '/api/runs/:runId/policy-check',
  tag: 'approvals',
  summary: 'Try a policy on the plan of a run: what would wait, and what would be refused? Changes nothing',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ runId: idSchema('run') }), body: policyCheckSchema },
  output: {
    status: 200,
    description: 'What the document, or without one the policies as they are, make of the plan',
    schema: policyCheckResultSchema,
  },
  handler: ({ params: { runId }, body: { document, replaces } }, { deps, principal: { orgId } }) =>
    withOrg(deps.database, orgId, async (tx) => {
      const plan = await loadPlan(tx, deps, { orgId, runId });
      if (document === undefined) return checkPlan(tx, plan);
      return checkPlan(tx, { ...plan, policies: await loadPoliciesWith(tx, plan, { document, replaces }) });
    }),
});
