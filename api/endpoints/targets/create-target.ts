import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { newTargetSchema, targetSchema } from '../../../contracts/target.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { findProject } from '../../../db/projects/find-project.ts';
import { insertTarget } from '../../../db/targets/insert-target.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { renderTargetRequest } from '../../../domain/target-request.ts';
import type { TargetDefinition } from '../../../domain/target.ts';
import { checkUrl } from '../../../runtime/egress/url-policy.ts';
import { newId } from '../../../runtime/new-id.ts';
import { sealSecret } from '../../../runtime/secret-box.ts';
import type { ApiDependencies } from '../../api-dependencies.ts';
import { defineChange } from '../../define-endpoint.ts';
import { requireFound } from '../../require-found.ts';

export const createTarget = defineChange({
  id: 'createTarget',
  method: 'post',
  path: '/api/projects/:projectId/targets',
  tag: 'targets',
  summary: 'Create a target: an agent to test, and how to talk to it',
  auth: 'apiKey',
  failures: ['egress_denied', 'target_config_invalid'],
  input: { params: z.object({ projectId: idSchema('project') }), body: newTargetSchema },
  output: { status: 201, description: 'The target, without its credential', schema: targetSchema },
  change: async (tx, { params, body }, { deps, principal, requestId }) => {
    const { orgId, actor } = principal;
    const { projectId } = params;
    requireFound(await findProject(tx, orgId, projectId), 'project', projectId);
    checkAddress(deps, body.definition);
    const target = await insertTarget(tx, {
      orgId,
      targetId: newId('target'),
      projectId,
      name: body.name,
      definition: body.definition,
      sealedAuth: body.auth === undefined ? null : sealSecret(deps.secretKeys[0], JSON.stringify(body.auth)),
    });
    const detail = { projectId, hasAuth: target.hasAuth };
    await insertAudit(tx, { orgId, actor, requestId, action: 'target.create', objectType: 'target', objectId: target.targetId, detail });
    return { body: target };
  },
});

/** What can be told without resolving a name is told at once; every request is checked again when it is sent. */
function checkAddress(deps: ApiDependencies, definition: TargetDefinition): void {
  const { url } = renderTargetRequest(definition, { prompt: 'x', sessionId: 'x' });
  const decision = checkUrl(url, deps.privateAllow);
  if (decision.allowed) return;
  throw new OrdealError(decision.failure, `definition.url: ${decision.reason}.`, {
    issues: [{ field: 'definition.url', message: decision.reason }],
  });
}
