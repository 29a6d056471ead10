import { auditAnchorSchema } from '../../../contracts/audit-log.ts';
import { findAuditHead } from '../../../db/audit/audit-anchors.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { signAnchor } from '../../../runtime/audit-chain.ts';
import { reportKeyOf } from '../../../runtime/report-signature.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getAuditHead = defineEndpoint({
  id: 'getAuditHead',
  method: 'get',
  path: '/api/audit-logs/head',
  tag: 'audit',
  summary: 'Get the end of the audit chain as it is now, signed',
  auth: 'apiKey',
  failures: ['not_found'],
  input: {},
  output: { status: 200, description: 'Keep it: no later chain that fits it can differ before this place', schema: auditAnchorSchema },
  handler: async (_input, { deps, principal: { orgId } }) => {
    const head = requireFound(await withOrg(deps.database, orgId, (tx) => findAuditHead(tx, orgId)), 'audit chain of', orgId);
    const anchor = signAnchor(reportKeyOf(deps.secretKeys[0]), { orgId, ...head, anchoredAt: new Date().toISOString() });
    return { ...anchor, orgId };
  },
});
