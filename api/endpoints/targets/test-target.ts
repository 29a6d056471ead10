import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { targetTestSchema } from '../../../contracts/target.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { findSealedAuth } from '../../../db/targets/find-sealed-auth.ts';
import { findTarget } from '../../../db/targets/find-target.ts';
import { withOrg, type OrgTransaction } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { requireConfirmations, requireNoHalt, requireStillConfirmed } from '../../../planning/require-start.ts';
import { openTargetSecrets } from '../../../runtime/target/target-secrets.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { longestTestMs, tryTarget } from '../../try-target.ts';

export const testTarget = defineEndpoint({
  id: 'testTarget',
  method: 'post',
  path: '/api/targets/:targetId/test',
  tag: 'targets',
  summary: 'Send one harmless prompt to a target, and tell what came back',
  auth: 'apiKey',
  rateClass: 'execute',
  failures: ['production_unconfirmed', 'halted'],
  timeoutMs: longestTestMs,
  input: { params: z.object({ targetId: idSchema('target') }) },
  output: {
    status: 200,
    description: 'What was sent, what came back, what was read out of it, and what to change',
    schema: targetTestSchema,
  },
  handler: async ({ params }, context) => {
    const { deps, principal, requestId, signal } = context;
    const { orgId, actor } = principal;
    const { targetId } = params;
    const { target, startedUnder, sealedAuth } = await withOrg(deps.database, orgId, async (tx) => {
      const found = requireFound(await findTarget(tx, orgId, targetId), 'target', targetId);
      const guard = await requireConfirmations(tx, orgId, found.projectId);
      await insertAudit(tx, { orgId, actor, requestId, action: 'target.test', objectType: 'target', objectId: targetId });
      const sealed = await findSealedAuth(tx, orgId, targetId);
      await requireNoHalt(tx, orgId);
      return { target: found, startedUnder: guard, sealedAuth: sealed };
    });
    const { definition, projectId } = target;
    const secrets = () => openTargetSecrets(deps.secretKeys, sealedAuth, definition);
    const requireAllowed = (tx: OrgTransaction) => requireStillConfirmed(tx, orgId, { projectId, startedUnder });
    return tryTarget(deps, { orgId, definition, secrets, owner: targetId, requireAllowed, requestId, signal });
  },
});
