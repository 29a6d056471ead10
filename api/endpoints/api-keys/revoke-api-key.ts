import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { apiKeySchema } from '../../../contracts/member.ts';
import { endApiKey } from '../../../db/access/end-api-key.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { defineChange } from '../../define-endpoint.ts';
import { requireChanged } from '../../require-changed.ts';

export const revokeApiKey = defineChange({
  id: 'revokeApiKey',
  method: 'post',
  path: '/api/api-keys/:keyId/revoke',
  tag: 'members',
  summary: 'Revoke an API key; its next request is refused',
  auth: 'apiKey',
  failures: ['conflict'],
  input: { params: z.object({ keyId: idSchema('apiKey') }) },
  output: { status: 200, description: 'The key', schema: apiKeySchema },
  change: async (tx, { params }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const { keyId } = params;
    const { key } = requireChanged(await endApiKey(tx, { orgId, keyId, end: 'at_once' }), 'API key', keyId);
    await insertAudit(tx, { orgId, actor, requestId, action: 'api_key.revoke', objectType: 'api_key', objectId: keyId });
    return { body: key };
  },
});
