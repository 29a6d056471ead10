import { z } from 'zod';

import { approvalDetailSchema, tokenUseSchema } from '../../../contracts/approval.ts';
import { idSchema } from '../../../contracts/id.ts';
import { loadApprovalDetail } from '../../../db/approvals/list-approvals.ts';
import { redeemToken } from '../../../db/approvals/redeem-token.ts';
import { withOrg } from '../../../db/with-org.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { parseDecisionToken } from '../../../runtime/decision-token.ts';
import { newId } from '../../../runtime/new-id.ts';
import { applyDecision } from '../../apply-decision.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

/** A token is used up by its first use, so that this needs no Idempotency-Key. */
export const redeemDecisionToken = defineEndpoint({
  id: 'redeemDecisionToken',
  method: 'post',
  path: '/api/approvals/:approvalId/token-decisions',
  tag: 'approvals',
  summary: 'Decide with a token, in the name of the member who asked for it',
  auth: 'apiKey',
  rateClass: 'decision',
  failures: ['conflict', 'forbidden', 'decision_token_spent', 'temporal_unavailable'],
  input: { params: z.object({ approvalId: idSchema('approval') }), body: tokenUseSchema },
  output: { status: 200, description: 'It counts', schema: approvalDetailSchema },
  handler: async ({ params: { approvalId }, body }, { deps, principal: { orgId } }) => {
    const grant = parseDecisionToken(deps.secretKeys, body.token);
    // Whether it is of somebody else, or none at all, is nobody's business who may not use it.
    if (grant === undefined || grant.orgId !== orgId || grant.approvalId !== approvalId) {
      throw new OrdealError('not_found', `There is no such token for the approval ${approvalId}.`);
    }
    const decision = await withOrg(deps.database, orgId, async (tx) => {
      const approval = requireFound(await loadApprovalDetail(tx, orgId, approvalId), 'approval', approvalId);
      const decisionId = newId('decision');
      if (!(await redeemToken(tx, { ...grant, decisionId }))) {
        throw new OrdealError('decision_token_spent', `The token for ${approvalId} was used before, or its time is over.`);
      }
      return { orgId, runId: approval.runId, approvalId, decisionId };
    });
    return applyDecision(deps, decision);
  },
});
