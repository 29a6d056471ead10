import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { scheduleChangeSchema, scheduleSchema } from '../../../contracts/schedule.ts';
import { recordEdit } from '../../../db/approvals/record-edit.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { changeSchedule as updateSchedule } from '../../../db/schedules/change-schedule.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { requireRunnable } from '../../../planning/require-runnable.ts';
import { defineChange } from '../../define-endpoint.ts';
import { tellTemporal } from '../../tell-temporal.ts';

export const changeSchedule = defineChange({
  id: 'changeSchedule',
  method: 'post',
  path: '/api/schedules/:scheduleId',
  tag: 'schedules',
  summary: 'Change, pause or resume a schedule; its runs start in the name of whoever changed it last',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ scheduleId: idSchema('schedule') }), body: scheduleChangeSchema },
  output: { status: 200, description: 'The schedule', schema: scheduleSchema },
  change: async (tx, { params: { scheduleId }, body }, { deps, principal, requestId }) => {
    const { orgId, memberId, actor } = principal;
    const schedule = requireFound(await updateSchedule(tx, { orgId, scheduleId, change: body, by: actor }), 'schedule', scheduleId);
    if (body.run !== undefined) {
      const { projectId, run } = schedule;
      await requireRunnable(tx, { orgId, projectId, body: run, maxDurationMinutes: deps.maxRunDurationMinutes });
    }
    const detail = { changed: Object.keys(body) as (keyof typeof body)[], isPaused: schedule.isPaused };
    await recordEdit(tx, { orgId, objectId: scheduleId, memberId });
    await insertAudit(tx, { orgId, actor, requestId, action: 'schedule.change', objectType: 'schedule', objectId: scheduleId, detail });
    return { body: schedule };
  },
  afterCommit: ({ scheduleId }, context) => tellTemporal(scheduleId, context),
});
