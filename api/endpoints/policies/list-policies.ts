import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { policySchema } from '../../../contracts/policy.ts';
import { listPolicies as selectPolicies } from '../../../db/policies/list-policies.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('policies', z.tuple([cursorKey.text, cursorKey.no]));

export const listPolicies = defineEndpoint({
  id: 'listPolicies',
  method: 'get',
  path: '/api/policies',
  tag: 'approvals',
  summary: 'List policies as they are now, or every version of one',
  auth: 'apiKey',
  failures: [],
  input: { query: z.strictObject({ ...pageQueryShape, policyId: idSchema('policy').optional() }) },
  output: {
    status: 200,
    description: 'A page of policies; without any, the built-in one of docs/approvals.md holds',
    schema: pageOf(policySchema),
  },
  handler: async ({ query: { limit, cursor: given, policyId } }, { deps, principal }) => {
    const page = { policyId, before: cursor.decode(given), rows: limit + 1 };
    const rows = await withOrg(deps.database, principal.orgId, (tx) => selectPolicies(tx, principal.orgId, page));
    return cursor.page(rows, limit, (row) => [row.policyId, row.version]);
  },
});
