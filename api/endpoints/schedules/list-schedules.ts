import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { scheduleSchema } from '../../../contracts/schedule.ts';
import { findProject } from '../../../db/projects/find-project.ts';
import { listSchedules as selectSchedules } from '../../../db/schedules/find-schedule.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('schedules', cursorKey.text);

export const listSchedules = defineEndpoint({
  id: 'listSchedules',
  method: 'get',
  path: '/api/projects/:projectId/schedules',
  tag: 'schedules',
  summary: 'List the schedules of a project, newest first',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ projectId: idSchema('project') }), query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of schedules', schema: pageOf(scheduleSchema) },
  handler: async ({ params: { projectId }, query }, { deps, principal: { orgId } }) => {
    const page = { projectId, before: cursor.decode(query.cursor), rows: query.limit + 1 };
    const rows = await withOrg(deps.database, orgId, async (tx) => {
      requireFound(await findProject(tx, orgId, projectId), 'project', projectId);
      return selectSchedules(tx, orgId, page);
    });
    return cursor.page(rows, query.limit, (row) => row.scheduleId);
  },
});
