import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { apiKeySchema } from '../../../contracts/member.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { listApiKeys as selectApiKeys } from '../../../db/access/list-api-keys.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('api-keys', cursorKey.text);

export const listApiKeys = defineEndpoint({
  id: 'listApiKeys',
  method: 'get',
  path: '/api/api-keys',
  tag: 'members',
  summary: 'List API keys, newest first, without their secrets; revoked and expired ones are among them',
  auth: 'apiKey',
  failures: [],
  input: { query: z.strictObject({ ...pageQueryShape, memberId: idSchema('member').optional() }) },
  output: { status: 200, description: 'A page of API keys', schema: pageOf(apiKeySchema) },
  handler: async ({ query }, { deps, principal }) => {
    const page = { before: cursor.decode(query.cursor), rows: query.limit + 1, memberId: query.memberId };
    const rows = await withOrg(deps.database, principal.orgId, (tx) => selectApiKeys(tx, principal.orgId, page));
    return cursor.page(rows, query.limit, (row) => row.keyId);
  },
});
