import { z } from 'zod';

import { approvalDetailSchema, newDecisionSchema } from '../../../contracts/approval.ts';
import { idSchema } from '../../../contracts/id.ts';
import { insertDecision } from '../../../db/approvals/insert-decision.ts';
import { loadApprovalDetail } from '../../../db/approvals/list-approvals.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { newId } from '../../../runtime/new-id.ts';
import { applyDecision, excluded, refuseDecided } from '../../apply-decision.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

/** One vote a member: sent again it changes nothing, so that it needs no Idempotency-Key. Its audit row is written when it is applied. */
export const decideApproval = defineEndpoint({
  id: 'decideApproval',
  method: 'post',
  path: '/api/approvals/:approvalId/decisions',
  tag: 'approvals',
  summary: 'Approve or reject; the first decision wins',
  auth: 'apiKey',
  failures: ['conflict', 'forbidden', 'temporal_unavailable'],
  input: { params: z.object({ approvalId: idSchema('approval') }), body: newDecisionSchema },
  output: {
    status: 200,
    description: 'It counts. The request is still pending where the quorum waits for others',
    schema: approvalDetailSchema,
  },
  handler: async ({ params: { approvalId }, body }, { deps, principal }) => {
    const { orgId, memberId, actor } = principal;
    const decision = await withOrg(deps.database, orgId, async (tx) => {
      const approval = requireFound(await loadApprovalDetail(tx, orgId, approvalId), 'approval', approvalId);
      refuseDecided(approval);
      if (approval.excludedMembers.includes(memberId)) throw excluded(approvalId);
      const decisionId = newId('decision');
      const { verdict, comment = null } = body;
      await insertDecision(tx, { orgId, decisionId, approvalId, memberId, actor, via: 'api', verdict, comment });
      return { orgId, runId: approval.runId, approvalId, decisionId };
    });
    return applyDecision(deps, decision);
  },
});
