import { z } from 'zod';

import { decisionTokenSchema, newDecisionSchema } from '../../../contracts/approval.ts';
import { idSchema } from '../../../contracts/id.ts';
import { insertDecisionToken } from '../../../db/approvals/insert-decision-token.ts';
import { loadApprovalDetail } from '../../../db/approvals/list-approvals.ts';
import { loadDecider } from '../../../db/approvals/load-decider.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { rightToDecide } from '../../../domain/approvals/delegation.ts';
import { runWorkflowId } from '../../../domain/ids.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { mintDecisionToken } from '../../../runtime/decision-token.ts';
import { newId } from '../../../runtime/new-id.ts';
import { excluded, refuseDecided } from '../../decide.ts';
import { defineChange } from '../../define-endpoint.ts';
import { requireDecidingKey } from '../../require-deciding-key.ts';
import { sha256Hex } from '../../../runtime/sha256.ts';

export const issueDecisionToken = defineChange({
  id: 'issueDecisionToken',
  method: 'post',
  path: '/api/approvals/:approvalId/tokens',
  tag: 'approvals',
  summary: 'Make a token that decides once, in your name, as a signal to the workflow or by the API',
  auth: 'apiKey',
  failures: ['conflict', 'forbidden'],
  hasSecretOutput: true,
  input: { params: z.object({ approvalId: idSchema('approval') }), body: newDecisionSchema },
  output: {
    status: 201,
    description: 'The token. It is good for exactly what is shown now, until the request lapses',
    schema: decisionTokenSchema,
  },
  change: async (tx, { params: { approvalId }, body }, { deps, principal, requestId }) => {
    const { orgId, memberId, actor } = principal;
    const approval = requireFound(await loadApprovalDetail(tx, orgId, approvalId), 'approval', approvalId);
    refuseDecided(approval);
    await requireDecidingKey(tx, principal);
    const decider = await loadDecider(tx, { orgId, memberId, projectId: approval.projectId });
    const right = rightToDecide(decider, { excluded: approval.excludedMembers, counted: [] });
    if (right.kind === 'excluded') throw excluded(approvalId);
    const { verdict, comment = null } = body;
    const tokenId = newId('decisionToken');
    const expiresAt = await insertDecisionToken(tx, { orgId, tokenId, approvalId, memberId, issuedBy: actor, verdict, comment });
    // What people write is kept beside the audit log: it may have to be erased, and the chain must not.
    const commentSha256 = comment === null ? null : sha256Hex(comment);
    const detail = { tokenId, verdict, memberId, commentSha256 };
    await insertAudit(tx, {
      orgId,
      actor,
      requestId,
      action: 'approval.issue_token',
      objectType: 'approval',
      objectId: approvalId,
      detail,
    });
    const grant = { tokenId, orgId, approvalId, payloadHash: approval.payloadHash, memberId, verdict };
    const token = mintDecisionToken(deps.secretKeys[0], { ...grant, expiresAt: Math.floor(expiresAt.getTime() / 1_000) });
    return { body: { token, expiresAt: expiresAt.toISOString(), workflowId: runWorkflowId(approval.runId) } };
  },
});
