import { z } from 'zod';

import { guardSchema } from '../../../contracts/guard.ts';
import { idSchema } from '../../../contracts/id.ts';
import { loadGuard } from '../../../db/guard/load-guard.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { guardView } from '../../guard-view.ts';

export const getProductionGuard = defineEndpoint({
  id: 'getProductionGuard',
  method: 'get',
  path: '/api/projects/:projectId/guard',
  tag: 'projects',
  summary: 'Get what is confirmed for runs in production, by whom, and what is missing',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ projectId: idSchema('project') }) },
  output: { status: 200, description: 'The guard', schema: guardSchema },
  handler: ({ params: { projectId } }, { deps, principal: { orgId } }) =>
    withOrg(deps.database, orgId, async (tx) =>
      guardView(projectId, requireFound(await loadGuard(tx, orgId, projectId), 'project', projectId)),
    ),
});
