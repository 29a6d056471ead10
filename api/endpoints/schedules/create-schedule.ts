import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { newScheduleSchema, scheduleSchema } from '../../../contracts/schedule.ts';
import { recordEdit } from '../../../db/approvals/record-edit.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { insertSchedule } from '../../../db/schedules/insert-schedule.ts';
import { requireRunnable } from '../../../planning/require-runnable.ts';
import { canonicalJson } from '../../../runtime/canonical-json.ts';
import { newId } from '../../../runtime/new-id.ts';
import { sha256Hex } from '../../../runtime/sha256.ts';
import { defineChange } from '../../define-endpoint.ts';
import { tellTemporal } from '../../tell-temporal.ts';

export const createSchedule = defineChange({
  id: 'createSchedule',
  method: 'post',
  path: '/api/projects/:projectId/schedules',
  tag: 'schedules',
  summary: 'Start runs of a project by a schedule; each obeys quotas, approvals and the production guard when it is time',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ projectId: idSchema('project') }), body: newScheduleSchema },
  output: { status: 201, description: 'The schedule', schema: scheduleSchema },
  change: async (tx, { params: { projectId }, body }, { deps, principal, requestId }) => {
    const { orgId, memberId, actor } = principal;
    await requireRunnable(tx, { orgId, projectId, body: body.run, maxDurationMinutes: deps.maxRunDurationMinutes });
    const schedule = await insertSchedule(tx, orgId, { ...body, scheduleId: newId('schedule'), projectId, createdBy: actor });
    const { scheduleId } = schedule;
    const detail = { projectId, targetId: body.run.targetId, timingSha256: sha256Hex(canonicalJson(body.timing)) };
    await recordEdit(tx, { orgId, objectId: scheduleId, memberId });
    await insertAudit(tx, { orgId, actor, requestId, action: 'schedule.create', objectType: 'schedule', objectId: scheduleId, detail });
    return { body: schedule };
  },
  afterCommit: ({ scheduleId }, context) => tellTemporal(scheduleId, context),
});
