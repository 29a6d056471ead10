import { setTimeout as sleep } from 'node:timers/promises';

import { haltSchema, newHaltSchema } from '../../../contracts/guard.ts';
import { haltOrganization } from '../../../db/guard/emergency-stop.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { signalStops } from '../../../orchestration/signal-stops.ts';
import { defineChange } from '../../define-endpoint.ts';
import { haltView } from '../../halt-view.ts';
import { sha256Hex } from '../../../runtime/sha256.ts';

/** The ledgers are shut: whether Temporal is there to be told of it keeps nobody waiting for the answer. */
const longestTellingMs = 1_000;

export const stopEverything = defineChange({
  id: 'stopEverything',
  method: 'post',
  path: '/api/emergency-stop',
  tag: 'emergency',
  summary: 'Stop every live run of the organization, and let none start until this is lifted',
  auth: 'apiKey',
  rateClass: 'none',
  failures: [],
  input: { body: newHaltSchema },
  output: { status: 200, description: 'From now on no request of any run starts', schema: haltSchema },
  change: async (tx, { body: { reason } }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const { isNew, halt, runIds } = await haltOrganization(tx, { orgId, givenBy: 'organization', by: actor, reason });
    const body = haltView(halt, runIds);
    if (!isNew && runIds.length === 0) return { changesNothing: true, body };
    const detail = { runs: runIds.length, reasonSha256: sha256Hex(reason) };
    await insertAudit(tx, { orgId, actor, requestId, action: 'organization.halt', objectType: 'organization', objectId: orgId, detail });
    return { body };
  },
  afterCommit: async ({ stoppedRuns, haltedBy }, { deps, log }) => {
    const telling = signalStops({ runs: deps.runs, log }, stoppedRuns, `an emergency stop by ${haltedBy ?? 'an admin'}`);
    await Promise.race([telling, sleep(longestTellingMs, undefined, { ref: false })]);
  },
});
