import { z } from 'zod';

import { auditLogSchema } from '../../../contracts/audit-log.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { listAuditLogs as selectAuditLogs } from '../../../db/audit/list-audit-logs.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('audit-logs', z.tuple([cursorKey.time, cursorKey.text]));
const moment = z.iso.datetime({ offset: true, error: 'must be a time such as 2026-11-21T04:50:00Z' }).optional();
const name = z.string().min(1).max(200).optional();

export const listAuditLogs = defineEndpoint({
  id: 'listAuditLogs',
  method: 'get',
  path: '/api/audit-logs',
  tag: 'audit',
  summary: 'List what was changed, decided and denied, newest first',
  auth: 'apiKey',
  failures: [],
  input: {
    query: z.strictObject({
      ...pageQueryShape,
      action: name.meta({ description: 'Such as `run.stop`; `run.*` for all that begin so' }),
      actor: name,
      objectType: name,
      objectId: name,
      from: moment,
      to: moment,
    }),
  },
  output: { status: 200, description: 'A page of audit rows', schema: pageOf(auditLogSchema) },
  handler: async ({ query }, { deps, principal }) => {
    const { limit, cursor: given, ...filter } = query;
    const page = { ...filter, before: cursor.decode(given), rows: limit + 1 };
    const rows = await withOrg(deps.database, principal.orgId, (tx) => selectAuditLogs(tx, principal.orgId, page));
    const { items, nextCursor } = cursor.page(rows, limit, ({ place }) => [...place]);
    return { items: items.map(({ log }) => log), nextCursor };
  },
});
