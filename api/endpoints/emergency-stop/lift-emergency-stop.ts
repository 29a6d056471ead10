import { haltSchema } from '../../../contracts/guard.ts';
import { liftHalt } from '../../../db/guard/emergency-stop.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { defineChange } from '../../define-endpoint.ts';
import { haltView } from '../../halt-view.ts';

export const liftEmergencyStop = defineChange({
  id: 'liftEmergencyStop',
  method: 'post',
  path: '/api/emergency-stop/lift',
  tag: 'emergency',
  summary: 'Lift the emergency stop: runs may start again; those that were stopped stay so',
  auth: 'apiKey',
  failures: [],
  input: {},
  output: { status: 200, description: 'No emergency stop is in force', schema: haltSchema },
  change: async (tx, _input, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const body = haltView(undefined);
    if (!(await liftHalt(tx, orgId))) return { changesNothing: true, body };
    await insertAudit(tx, { orgId, actor, requestId, action: 'organization.lift_halt', objectType: 'organization', objectId: orgId });
    return { body };
  },
});
