import { z } from 'zod';

import { memberSchema } from '../../../contracts/member.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { listMembers as selectMembers } from '../../../db/members/list-members.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('members', cursorKey.text);

export const listMembers = defineEndpoint({
  id: 'listMembers',
  method: 'get',
  path: '/api/members',
  tag: 'members',
  summary: 'List members, newest first; removed ones are among them',
  auth: 'apiKey',
  failures: [],
  input: { query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of members', schema: pageOf(memberSchema) },
  handler: async ({ query }, { deps, principal }) => {
    const before = cursor.decode(query.cursor);
    const rows = await withOrg(deps.database, principal.orgId, (tx) =>
      selectMembers(tx, principal.orgId, { before, rows: query.limit + 1 }),
    );
    return cursor.page(rows, query.limit, (row) => row.memberId);
  },
});
