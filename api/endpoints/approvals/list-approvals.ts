import { z } from 'zod';

import { approvalSchema } from '../../../contracts/approval.ts';
import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { listApprovals as selectApprovals } from '../../../db/approvals/list-approvals.ts';
import { withOrg } from '../../../db/with-org.ts';
import { approvalStatuses } from '../../../domain/approvals/approval.ts';
import { severities } from '../../../domain/severity.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('approvals', cursorKey.text);

export const listApprovals = defineEndpoint({
  id: 'listApprovals',
  method: 'get',
  path: '/api/approvals',
  tag: 'approvals',
  summary: 'List requests to approve, newest first',
  auth: 'apiKey',
  failures: [],
  input: {
    query: z.strictObject({
      ...pageQueryShape,
      status: z.enum(approvalStatuses).optional(),
      projectId: idSchema('project').optional(),
      runId: idSchema('run').optional(),
      risk: z.enum(severities).optional(),
    }),
  },
  output: { status: 200, description: 'A page of requests', schema: pageOf(approvalSchema) },
  handler: async ({ query }, { deps, principal }) => {
    const { limit, cursor: given, ...filter } = query;
    const page = { ...filter, before: cursor.decode(given), rows: limit + 1 };
    const rows = await withOrg(deps.database, principal.orgId, (tx) => selectApprovals(tx, principal.orgId, page));
    return cursor.page(rows, limit, ({ approvalId }) => approvalId);
  },
});
