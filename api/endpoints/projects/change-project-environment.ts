import { z } from 'zod';

import { newEnvironmentSchema } from '../../../contracts/guard.ts';
import { idSchema } from '../../../contracts/id.ts';
import { projectSchema } from '../../../contracts/project.ts';
import { changeEnvironment } from '../../../db/guard/change-environment.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { findProject } from '../../../db/projects/find-project.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';

export const changeProjectEnvironment = defineChange({
  id: 'changeProjectEnvironment',
  method: 'post',
  path: '/api/projects/:projectId/environment',
  tag: 'projects',
  summary: 'Say what the targets of a project serve; this voids its confirmations',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ projectId: idSchema('project') }), body: newEnvironmentSchema },
  output: { status: 200, description: 'The project', schema: projectSchema },
  change: async (tx, { params: { projectId }, body: { environment } }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const before = requireFound(await findProject(tx, orgId, projectId), 'project', projectId);
    if (!(await changeEnvironment(tx, { orgId, projectId, environment }))) return { changesNothing: true, body: before };
    const detail = { from: before.environment, to: environment };
    await insertAudit(tx, {
      orgId,
      actor,
      requestId,
      action: 'project.change_environment',
      objectType: 'project',
      objectId: projectId,
      detail,
    });
    return { body: { ...before, environment } };
  },
});
