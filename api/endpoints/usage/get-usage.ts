import { usageSchema } from '../../../contracts/usage.ts';
import { loadUsage } from '../../../db/usage/load-usage.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getUsage = defineEndpoint({
  id: 'getUsage',
  method: 'get',
  path: '/api/usage',
  tag: 'usage',
  summary: 'Tell what the organization uses of its plan',
  auth: 'apiKey',
  failures: [],
  input: {},
  output: { status: 200, description: 'Each quota with its limit and use', schema: usageSchema },
  handler: (_input, { deps, principal }) => withOrg(deps.database, principal.orgId, (tx) => loadUsage(tx, principal.orgId)),
});
