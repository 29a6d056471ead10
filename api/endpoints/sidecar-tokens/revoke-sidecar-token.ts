import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { sidecarTokenSchema } from '../../../contracts/sidecar-token.ts';
import { revokeSidecarToken as revoke } from '../../../db/access/revoke-sidecar-token.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';

export const revokeSidecarToken = defineChange({
  id: 'revokeSidecarToken',
  method: 'post',
  path: '/api/sidecar-tokens/:tokenId/revoke',
  tag: 'targets',
  summary: "Revoke the token of a target's sidecar; the next events that come with it are refused",
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ tokenId: idSchema('sidecarToken') }) },
  output: { status: 200, description: 'The token', schema: sidecarTokenSchema },
  change: async (tx, { params: { tokenId } }, { principal: { orgId, actor }, requestId }) => {
    const { isNew, token } = requireFound(await revoke(tx, { orgId, tokenId }), 'sidecar token', tokenId);
    if (!isNew) return { changesNothing: true, body: token };
    await insertAudit(tx, {
      orgId,
      actor,
      requestId,
      action: 'sidecar_token.revoke',
      objectType: 'sidecar_token',
      objectId: tokenId,
      detail: { targetId: token.targetId },
    });
    return { body: token };
  },
});
