import { z } from 'zod';

import { delegationSchema } from '../../../contracts/delegation.ts';
import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { listDelegations as selectDelegations } from '../../../db/delegations/list-delegations.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('delegations', cursorKey.text);

export const listDelegations = defineEndpoint({
  id: 'listDelegations',
  method: 'get',
  path: '/api/delegations',
  tag: 'delegations',
  summary: 'List who may decide in whose place, newest first',
  auth: 'apiKey',
  failures: [],
  input: {
    query: z.strictObject({
      ...pageQueryShape,
      memberId: idSchema('member').optional(),
      standing: z.enum(['true', 'false']).default('false').meta({ description: '`true`: without those that have ended or were revoked' }),
    }),
  },
  output: { status: 200, description: 'A page of delegations', schema: pageOf(delegationSchema) },
  handler: async ({ query: { limit, cursor: given, memberId, standing } }, { deps, principal: { orgId } }) => {
    const filter = { memberId, isOnlyStanding: standing === 'true', before: cursor.decode(given), rows: limit + 1 };
    const rows = await withOrg(deps.database, orgId, (tx) => selectDelegations(tx, orgId, filter));
    return cursor.page(rows, limit, ({ delegationId }) => delegationId);
  },
});
