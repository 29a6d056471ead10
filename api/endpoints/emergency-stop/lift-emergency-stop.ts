import { haltSchema } from '../../../contracts/guard.ts';
import { findHalt, liftHalt } from '../../../db/guard/emergency-stop.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { defineChange } from '../../define-endpoint.ts';
import { haltView } from '../../halt-view.ts';

export const liftEmergencyStop = defineChange({
  id: 'liftEmergencyStop',
  method: 'post',
  path: '/api/emergency-stop/lift',
  tag: 'emergency',
  summary:
    "Lift the organization's emergency stop: runs may start again, unless the operator's is in force; those that were stopped stay so",
  auth: 'apiKey',
  failures: ['halted'],
  input: {},
  output: { status: 200, description: 'What is still in force: nothing, or what the operator stopped', schema: haltSchema },
  change: async (tx, _input, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const isLifted = await liftHalt(tx, orgId, 'organization');
    const left = await findHalt(tx, orgId);
    if (!isLifted && left !== undefined) {
      throw new OrdealError(
        'halted',
        `${left.haltedBy} stopped everything at ${left.haltedAt}: ${left.reason}. Only the operator can lift that.`,
      );
    }
    const body = haltView(left);
    if (!isLifted) return { changesNothing: true, body };
    await insertAudit(tx, { orgId, actor, requestId, action: 'organization.lift_halt', objectType: 'organization', objectId: orgId });
    return { body };
  },
});
