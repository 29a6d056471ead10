import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { firingSchema } from '../../../contracts/schedule.ts';
import { findSchedule } from '../../../db/schedules/find-schedule.ts';
import { listFirings } from '../../../db/schedules/firings.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('schedule-firings', cursorKey.time);

export const listScheduleFirings = defineEndpoint({
  id: 'listScheduleFirings',
  method: 'get',
  path: '/api/schedules/:scheduleId/firings',
  tag: 'schedules',
  summary: 'List what became of the firings of a schedule, newest first: its run, or why there is none',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ scheduleId: idSchema('schedule') }), query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of firings', schema: pageOf(firingSchema) },
  handler: async ({ params: { scheduleId }, query }, { deps, principal: { orgId } }) => {
    const page = { scheduleId, before: cursor.decode(query.cursor), rows: query.limit + 1 };
    const rows = await withOrg(deps.database, orgId, async (tx) => {
      requireFound(await findSchedule(tx, orgId, scheduleId), 'schedule', scheduleId);
      return listFirings(tx, orgId, page);
    });
    return cursor.page(rows, query.limit, (row) => row.scheduledFor);
  },
});
