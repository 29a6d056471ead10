import { haltSchema } from '../../../contracts/guard.ts';
import { findHalt } from '../../../db/guard/emergency-stop.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { haltView } from '../../halt-view.ts';

export const getEmergencyStop = defineEndpoint({
  id: 'getEmergencyStop',
  method: 'get',
  path: '/api/emergency-stop',
  tag: 'emergency',
  summary: 'Tell whether an emergency stop is in force',
  auth: 'apiKey',
  failures: [],
  input: {},
  output: { status: 200, description: 'Whether, since when, by whom and why', schema: haltSchema },
  handler: (_input, { deps, principal: { orgId } }) => withOrg(deps.database, orgId, async (tx) => haltView(await findHalt(tx, orgId))),
});
