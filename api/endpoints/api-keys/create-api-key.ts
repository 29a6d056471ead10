import { mintedApiKeySchema, newApiKeySchema } from '../../../contracts/member.ts';
import { insertApiKey } from '../../../db/access/insert-api-key.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { findMember } from '../../../db/members/find-member.ts';
import { auditText } from '../../../domain/audit-detail.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { mayHold } from '../../../domain/roles.ts';
import { mintAccessToken } from '../../../runtime/access-token.ts';
import { newId } from '../../../runtime/new-id.ts';
import { defineChange } from '../../define-endpoint.ts';

export const createApiKey = defineChange({
  id: 'createApiKey',
  method: 'post',
  path: '/api/api-keys',
  tag: 'members',
  summary: 'Create an API key of a member, with the role of the member or a lesser one',
  auth: 'apiKey',
  failures: ['not_found', 'conflict'],
  hasSecretOutput: true,
  input: { body: newApiKeySchema },
  output: { status: 201, description: 'The key; it is not shown again', schema: mintedApiKeySchema },
  change: async (tx, { body }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const { memberId, name } = body;
    const member = requireFound(await findMember(tx, orgId, memberId), 'member', memberId);
    if (member.removedAt !== null) throw new OrdealError('conflict', `Member ${memberId} was removed. Add a new member.`);
    const role = body.role ?? member.role;
    if (!mayHold(member.role, role)) {
      throw new OrdealError(
        'conflict',
        `Member ${memberId} is ${member.role} and cannot hold a key that is ${role}. Change the role of the member first.`,
      );
    }
    const keyId = newId('apiKey');
    const { token, secretHash } = mintAccessToken('apiKey', orgId, keyId);
    const key = await insertApiKey(tx, { orgId, keyId, memberId, name, role, secretHash, expiresInDays: body.expiresInDays ?? null });
    const detail = { memberId, role, expiresAt: auditText('instant', key.expiresAt) };
    await insertAudit(tx, { orgId, actor, requestId, action: 'api_key.create', objectType: 'api_key', objectId: keyId, detail });
    return { body: { ...key, apiKey: token } };
  },
});
