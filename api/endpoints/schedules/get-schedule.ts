import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { scheduleStateSchema } from '../../../contracts/schedule.ts';
import { findSchedule } from '../../../db/schedules/find-schedule.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getSchedule = defineEndpoint({
  id: 'getSchedule',
  method: 'get',
  path: '/api/schedules/:scheduleId',
  tag: 'schedules',
  summary: 'Get a schedule, when it fires next, and how many firings were missed or skipped',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ scheduleId: idSchema('schedule') }) },
  output: { status: 200, description: 'The schedule', schema: scheduleStateSchema },
  handler: async ({ params: { scheduleId } }, { deps, principal: { orgId }, log }) => {
    const schedule = requireFound(await withOrg(deps.database, orgId, (tx) => findSchedule(tx, orgId, scheduleId)), 'schedule', scheduleId);
    const account = await deps.schedules.describe(scheduleId).catch((error: unknown) => {
      log.warn({ err: error, scheduleId }, 'Temporal cannot be asked about a schedule');
    });
    const { next = [], missed = null, skipped = null } = account ?? {};
    return { ...schedule, next: next.map((time) => time.toISOString()), missed, skipped };
  },
});
