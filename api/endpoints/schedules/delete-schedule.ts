import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { deletedScheduleSchema } from '../../../contracts/schedule.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { deleteSchedule as markDeleted } from '../../../db/schedules/change-schedule.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';
import { tellTemporal } from '../../tell-temporal.ts';

export const deleteSchedule = defineChange({
  id: 'deleteSchedule',
  method: 'post',
  path: '/api/schedules/:scheduleId/delete',
  tag: 'schedules',
  summary: 'Delete a schedule; its runs and the list of its firings stay',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ scheduleId: idSchema('schedule') }) },
  output: { status: 200, description: 'It fires no more', schema: deletedScheduleSchema },
  change: async (tx, { params: { scheduleId } }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    requireFound((await markDeleted(tx, orgId, scheduleId)) || undefined, 'schedule', scheduleId);
    await insertAudit(tx, { orgId, actor, requestId, action: 'schedule.delete', objectType: 'schedule', objectId: scheduleId });
    return { body: { scheduleId } };
  },
  afterCommit: ({ scheduleId }, context) => tellTemporal(scheduleId, context),
});
