import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { newTargetSchema, targetTestSchema } from '../../../contracts/target.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { withOrg, type OrgTransaction } from '../../../db/with-org.ts';
import { auditText } from '../../../domain/audit-detail.ts';
import { targetOrigin } from '../../../domain/target-exchange.ts';
import { requireNoHalt, requireNotProduction } from '../../../planning/require-start.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { checkTarget } from '../../target-credential.ts';
import { longestTestMs, tryTarget } from '../../try-target.ts';

export const testNewTarget = defineEndpoint({
  id: 'testNewTarget',
  method: 'post',
  path: '/api/projects/:projectId/target-tests',
  tag: 'targets',
  summary: 'Send one harmless prompt to a target that is not stored, and tell what came back',
  auth: 'apiKey',
  rateClass: 'execute',
  failures: ['egress_denied', 'target_config_invalid', 'production_unconfirmed', 'halted'],
  timeoutMs: longestTestMs,
  input: { params: z.object({ projectId: idSchema('project') }), body: newTargetSchema },
  output: {
    status: 200,
    description: 'What was sent, what came back, what was read out of it, and what to change. Nothing is stored but that it was tried',
    schema: targetTestSchema,
  },
  handler: async ({ params, body }, { deps, principal, requestId, signal }) => {
    const { orgId, actor } = principal;
    const { projectId } = params;
    const { definition, auth, clientCertificate } = body;
    const origin = targetOrigin(definition);
    const requireAllowed = (tx: OrgTransaction) => requireNotProduction(tx, orgId, projectId);
    await withOrg(deps.database, orgId, async (tx) => {
      await requireAllowed(tx);
      checkTarget(deps, definition, body);
      const detail = { origin: auditText('origin', origin) };
      await insertAudit(tx, { orgId, actor, requestId, action: 'target.test', objectType: 'project', objectId: projectId, detail });
      await requireNoHalt(tx, orgId);
    });
    const secrets = { origin, ...(auth === undefined ? {} : { auth }), ...(clientCertificate === undefined ? {} : { clientCertificate }) };
    const trial = { orgId, definition, secrets: () => secrets, owner: `${projectId}/test`, requireAllowed, requestId, signal };
    return tryTarget(deps, trial);
  },
});
