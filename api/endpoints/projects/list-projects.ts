import { z } from 'zod';

import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { projectSchema } from '../../../contracts/project.ts';
import { listProjects as selectProjects } from '../../../db/projects/list-projects.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('projects', cursorKey.text);

export const listProjects = defineEndpoint({
  id: 'listProjects',
  method: 'get',
  path: '/api/projects',
  tag: 'projects',
  summary: 'List projects, newest first',
  auth: 'apiKey',
  failures: [],
  input: { query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of projects', schema: pageOf(projectSchema) },
  handler: async ({ query }, { deps, principal }) => {
    const before = cursor.decode(query.cursor);
    const rows = await withOrg(deps.database, principal.orgId, (tx) =>
      selectProjects(tx, principal.orgId, { before, rows: query.limit + 1 }),
    );
    return cursor.page(rows, query.limit, (row) => row.projectId);
  },
});
