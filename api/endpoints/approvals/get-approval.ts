import { z } from 'zod';

import { approvalDetailSchema } from '../../../contracts/approval.ts';
import { idSchema } from '../../../contracts/id.ts';
import { loadApprovalDetail } from '../../../db/approvals/list-approvals.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getApproval = defineEndpoint({
  id: 'getApproval',
  method: 'get',
  path: '/api/approvals/:approvalId',
  tag: 'approvals',
  summary: 'Get a request to approve, with exactly what would be sent, why it is risky, and what was decided',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ approvalId: idSchema('approval') }) },
  output: { status: 200, description: 'The request', schema: approvalDetailSchema },
  handler: async ({ params: { approvalId } }, { deps, principal }) =>
    requireFound(
      await withOrg(deps.database, principal.orgId, (tx) => loadApprovalDetail(tx, principal.orgId, approvalId)),
      'approval',
      approvalId,
    ),
});
