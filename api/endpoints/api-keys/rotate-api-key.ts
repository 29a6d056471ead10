import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { mintedApiKeySchema, rotationSchema, type ApiKey } from '../../../contracts/member.ts';
import { endApiKey } from '../../../db/access/end-api-key.ts';
import { findApiKeyRecord } from '../../../db/access/find-api-key-record.ts';
import { insertApiKey } from '../../../db/access/insert-api-key.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { auditText } from '../../../domain/audit-detail.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { mintAccessToken } from '../../../runtime/access-token.ts';
import { newId } from '../../../runtime/new-id.ts';
import { defineChange } from '../../define-endpoint.ts';
import { requireChanged } from '../../require-changed.ts';

export const rotateApiKey = defineChange({
  id: 'rotateApiKey',
  method: 'post',
  path: '/api/api-keys/:keyId/rotate',
  tag: 'members',
  summary: 'Replace an API key by a new one of the same member and role; the old one works for a while longer',
  auth: 'apiKey',
  failures: ['conflict'],
  hasSecretOutput: true,
  input: { params: z.object({ keyId: idSchema('apiKey') }), body: rotationSchema },
  output: { status: 201, description: 'The new key; it is not shown again', schema: mintedApiKeySchema },
  change: async (tx, { params, body }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const old = requireFound(await findApiKeyRecord(tx, orgId, params.keyId), 'API key', params.keyId);
    if (old.revokedAt !== null) throw new OrdealError('conflict', `API key ${old.keyId} is revoked. Create a new one instead.`);
    const keyId = newId('apiKey');
    const { token, secretHash } = mintAccessToken('apiKey', orgId, keyId);
    const { memberId, name, role } = old;
    const key = await insertApiKey(tx, { orgId, keyId, memberId, name, role, secretHash, expiresInDays: lifetimeDays(old) });
    const end = body.overlapHours === 0 ? 'at_once' : { inHours: body.overlapHours };
    const { key: ended } = requireChanged(await endApiKey(tx, { orgId, keyId: old.keyId, end }), 'API key', old.keyId);
    const detail = { replacedBy: keyId, expiresAt: auditText('instant', ended.expiresAt) };
    await insertAudit(tx, { orgId, actor, requestId, action: 'api_key.rotate', objectType: 'api_key', objectId: old.keyId, detail });
    return { body: { ...key, apiKey: token } };
  },
});

/** A key that was made to expire is followed by one that lives as long. */
function lifetimeDays({ createdAt, expiresAt }: ApiKey): number | null {
  if (expiresAt === null) return null;
  return Math.max(1, Math.round((Date.parse(expiresAt) - Date.parse(createdAt)) / 86_400_000));
}
