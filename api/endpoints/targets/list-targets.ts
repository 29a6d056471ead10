import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { targetSchema } from '../../../contracts/target.ts';
import { findProject } from '../../../db/projects/find-project.ts';
import { listTargets as selectTargets } from '../../../db/targets/list-targets.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('targets', cursorKey.text);

export const listTargets = defineEndpoint({
  id: 'listTargets',
  method: 'get',
  path: '/api/projects/:projectId/targets',
  tag: 'targets',
  summary: 'List the targets of a project, newest first',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ projectId: idSchema('project') }), query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of targets', schema: pageOf(targetSchema) },
  handler: async ({ params, query }, { deps, principal }) => {
    const before = cursor.decode(query.cursor);
    const { projectId } = params;
    const rows = await withOrg(deps.database, principal.orgId, async (tx) => {
      requireFound(await findProject(tx, principal.orgId, projectId), 'project', projectId);
      return selectTargets(tx, principal.orgId, { projectId, before, rows: query.limit + 1 });
    });
    return cursor.page(rows, query.limit, (row) => row.targetId);
  },
});
