import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { newTargetSchema, targetSchema } from '../../../contracts/target.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { findProject } from '../../../db/projects/find-project.ts';
import { insertTarget } from '../../../db/targets/insert-target.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { newId } from '../../../runtime/new-id.ts';
import { defineChange } from '../../define-endpoint.ts';
import { checkTarget, toStoredCredential } from '../../target-credential.ts';

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
    checkTarget(deps, body.definition, body);
    const target = await insertTarget(tx, {
      orgId,
      targetId: newId('target'),
      projectId,
      name: body.name,
      definition: body.definition,
      credential: toStoredCredential(deps, body.definition, body),
      editor: principal.memberId,
    });
    const detail = { projectId, kind: target.definition.kind, authKind: target.authKind };
    await insertAudit(tx, { orgId, actor, requestId, action: 'target.create', objectType: 'target', objectId: target.targetId, detail });
    return { body: target };
  },
});
