import { z } from 'zod';

import { auditChainPageSchema } from '../../../contracts/audit-log.ts';
import { listAuditAnchors } from '../../../db/audit/audit-anchors.ts';
import { readAuditChain } from '../../../db/audit/read-audit-chain.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

const entriesPerPage = 500;

export const listAuditChain = defineEndpoint({
  id: 'listAuditChain',
  method: 'get',
  path: '/api/audit-logs/chain',
  tag: 'audit',
  summary: 'Read the audit chain in its order, for an export that can be verified offline',
  auth: 'apiKey',
  failures: [],
  input: {
    query: z.strictObject({
      after: z
        .string()
        .regex(/^\d{1,15}$/, 'must be the seq of the last entry that was read')
        .transform(Number)
        .default(0)
        .meta({ description: 'Entries after this seq', override: { type: 'integer', minimum: 0, default: 0 } }),
    }),
  },
  output: { status: 200, description: `Up to ${entriesPerPage} entries; none after the last`, schema: auditChainPageSchema },
  handler: ({ query: { after } }, { deps, principal: { orgId } }) =>
    withOrg(deps.database, orgId, async (tx) => {
      const entries = await readAuditChain(tx, orgId, { afterSeq: after, rows: entriesPerPage });
      const anchors = await listAuditAnchors(tx, orgId, { afterSeq: after, upToSeq: entries.at(-1)?.seq ?? after });
      return { entries, anchors };
    }),
});
