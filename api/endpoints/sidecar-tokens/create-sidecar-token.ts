import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { mintedSidecarTokenSchema, newSidecarTokenSchema } from '../../../contracts/sidecar-token.ts';
import { insertSidecarToken } from '../../../db/access/insert-sidecar-token.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { findTarget } from '../../../db/targets/find-target.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { mintAccessToken, sidecarSigningKey } from '../../../runtime/access-token.ts';
import { newId } from '../../../runtime/new-id.ts';
import { sealSecret } from '../../../runtime/secret-box.ts';
import { defineChange } from '../../define-endpoint.ts';

export const createSidecarToken = defineChange({
  id: 'createSidecarToken',
  method: 'post',
  path: '/api/targets/:targetId/sidecar-tokens',
  tag: 'targets',
  summary: "Create the token with which a target's sidecar sends its events",
  auth: 'apiKey',
  failures: [],
  hasSecretOutput: true,
  input: { params: z.object({ targetId: idSchema('target') }), body: newSidecarTokenSchema },
  output: { status: 201, description: 'The token; it is not shown again', schema: mintedSidecarTokenSchema },
  change: async (tx, { params, body }, { deps, principal, requestId }) => {
    const { orgId, actor } = principal;
    const { targetId } = params;
    requireFound(await findTarget(tx, orgId, targetId), 'target', targetId);
    const tokenId = newId('sidecarToken');
    const { token, secretHash } = mintAccessToken('sidecar', orgId, tokenId);
    const sealedSigningKey = sealSecret(deps.secretKeys[0], sidecarSigningKey(token));
    const { name = null } = body;
    const made = await insertSidecarToken(tx, { orgId, tokenId, targetId, name, secretHash, sealedSigningKey });
    await insertAudit(tx, {
      orgId,
      actor,
      requestId,
      action: 'sidecar_token.create',
      objectType: 'sidecar_token',
      objectId: tokenId,
      detail: { targetId },
    });
    return { body: { ...made, token } };
  },
});
