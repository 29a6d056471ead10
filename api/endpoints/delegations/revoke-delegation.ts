import { z } from 'zod';

import { delegationSchema } from '../../../contracts/delegation.ts';
import { idSchema } from '../../../contracts/id.ts';
import { lockDelegation, revokeDelegation as revoke } from '../../../db/delegations/revoke-delegation.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';

export const revokeDelegation = defineChange({
  id: 'revokeDelegation',
  method: 'post',
  path: '/api/delegations/:delegationId/revoke',
  tag: 'delegations',
  summary: 'Take a right to decide back that you have lent; an admin may take back any',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ delegationId: idSchema('delegation') }) },
  output: { status: 200, description: 'The delegation: from now on nothing is decided by it', schema: delegationSchema },
  change: async (tx, { params: { delegationId } }, { principal: { orgId, memberId, role, actor }, requestId }) => {
    const found = requireFound(await lockDelegation(tx, { orgId, delegationId }), 'delegation', delegationId);
    if (found.delegatorId !== memberId && role !== 'admin') {
      throw new OrdealError('forbidden', `${delegationId} is of ${found.delegatorId}: they or an admin can revoke it.`);
    }
    if (found.revokedAt !== null) return { changesNothing: true, body: found };
    const body = await revoke(tx, { orgId, delegationId, revokedBy: actor });
    const detail = { delegatorId: found.delegatorId, delegateId: found.delegateId };
    await insertAudit(tx, {
      orgId,
      actor,
      requestId,
      action: 'delegation.revoke',
      objectType: 'delegation',
      objectId: delegationId,
      detail,
    });
    return { body };
  },
});
