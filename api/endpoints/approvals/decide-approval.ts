import { z } from 'zod';

import { approvalDetailSchema, newDecisionSchema } from '../../../contracts/approval.ts';
import { idSchema } from '../../../contracts/id.ts';
import { insertDecision } from '../../../db/approvals/insert-decision.ts';
import { loadApprovalDetail } from '../../../db/approvals/list-approvals.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { newId } from '../../../runtime/new-id.ts';
import { letCount, refuseDecided, tellDecision } from '../../decide.ts';
import { defineChange } from '../../define-endpoint.ts';
import { requireDecidingKey } from '../../require-deciding-key.ts';

/** Decided in the database, with or without Temporal; the workflow is told by an update. */
export const decideApproval = defineChange({
  id: 'decideApproval',
  method: 'post',
  path: '/api/approvals/:approvalId/decisions',
  tag: 'approvals',
  summary: 'Approve or reject; the first decision wins',
  auth: 'apiKey',
  rateClass: 'decision',
  failures: ['conflict', 'forbidden'],
  input: { params: z.object({ approvalId: idSchema('approval') }), body: newDecisionSchema },
  output: {
    status: 200,
    description: 'It counts, whatever happens to any process after this. The request is still pending where the quorum waits for others',
    schema: approvalDetailSchema,
  },
  change: async (tx, { params: { approvalId }, body }, { principal, requestId }) => {
    const { orgId, memberId, actor } = principal;
    refuseDecided(requireFound(await loadApprovalDetail(tx, orgId, approvalId), 'approval', approvalId));
    await requireDecidingKey(tx, principal);
    const decisionId = newId('decision');
    const { verdict, comment = null } = body;
    await insertDecision(tx, { orgId, decisionId, approvalId, memberId, actor, via: 'api', verdict, comment });
    return { body: await letCount(tx, { orgId, approvalId, decisionId, requestId }) };
  },
  afterCommit: tellDecision,
});
