import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { projectSchema } from '../../../contracts/project.ts';
import { findProject } from '../../../db/projects/find-project.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getProject = defineEndpoint({
  id: 'getProject',
  method: 'get',
  path: '/api/projects/:projectId',
  tag: 'projects',
  summary: 'Get a project',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ projectId: idSchema('project') }) },
  output: { status: 200, description: 'The project', schema: projectSchema },
  handler: async ({ params }, { deps, principal }) =>
    requireFound(
      await withOrg(deps.database, principal.orgId, (tx) => findProject(tx, principal.orgId, params.projectId)),
      'project',
      params.projectId,
    ),
});
