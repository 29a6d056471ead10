import { whoamiSchema } from '../../../contracts/member.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getWhoami = defineEndpoint({
  id: 'getWhoami',
  method: 'get',
  path: '/api/whoami',
  tag: 'members',
  summary: 'Tell which member and key sends this request, and what it may do',
  auth: 'apiKey',
  failures: [],
  input: {},
  output: { status: 200, description: 'Member, key and role', schema: whoamiSchema },
  handler: (_input, { principal: { orgId, memberId, keyId, role } }) => Promise.resolve({ orgId, memberId, keyId, role }),
});
