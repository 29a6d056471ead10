import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { policyCheckResultSchema, policyCheckSchema } from '../../../contracts/policy.ts';
import { checkPlan } from '../../../db/approvals/check-plan.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

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
  handler: async ({ params: { runId }, body: { document } }, { deps, principal: { orgId } }) =>
    requireFound(
      await withOrg(deps.database, orgId, (tx) => checkPlan(tx, { orgId, runId, ...(document === undefined ? {} : { document }) })),
      'run',
      runId,
    ),
});
