import { z } from 'zod';

import { approvalDetailSchema, tokenUseSchema } from '../../../contracts/approval.ts';
import { idSchema } from '../../../contracts/id.ts';
import { redeemToken } from '../../../db/approvals/redeem-token.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { parseDecisionToken } from '../../../runtime/decision-token.ts';
import { newId } from '../../../runtime/new-id.ts';
import { letCount, tellDecision } from '../../decide.ts';
import { defineChange } from '../../define-endpoint.ts';

export const redeemDecisionToken = defineChange({
  id: 'redeemDecisionToken',
  method: 'post',
  path: '/api/approvals/:approvalId/token-decisions',
  tag: 'approvals',
  summary: 'Decide with a token, in the name of the member who asked for it',
  auth: 'apiKey',
  rateClass: 'decision',
  failures: ['conflict', 'forbidden', 'decision_token_spent'],
  input: { params: z.object({ approvalId: idSchema('approval') }), body: tokenUseSchema },
  output: { status: 200, description: 'It counts, whatever happens to any process after this', schema: approvalDetailSchema },
  change: async (tx, { params: { approvalId }, body }, { deps, principal: { orgId }, requestId }) => {
    const grant = parseDecisionToken(deps.secretKeys, body.token);
    // Whether it is of somebody else, or none at all, is nobody's business who may not use it.
    if (grant === undefined || grant.orgId !== orgId || grant.approvalId !== approvalId) {
      throw new OrdealError('not_found', `There is no such token for the approval ${approvalId}.`);
    }
    const decisionId = newId('decision');
    if (!(await redeemToken(tx, { ...grant, decisionId }))) {
      throw new OrdealError('decision_token_spent', `The token for ${approvalId} was used before, or its time is over.`);
    }
    return { body: await letCount(tx, { orgId, approvalId, decisionId, requestId }) };
  },
  afterCommit: tellDecision,
});
