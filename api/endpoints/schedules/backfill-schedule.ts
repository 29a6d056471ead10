import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { backfillSchema, scheduleSchema } from '../../../contracts/schedule.ts';
import { recordEdit } from '../../../db/approvals/record-edit.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { readClock } from '../../../db/read-clock.ts';
import { findSchedule } from '../../../db/schedules/find-schedule.ts';
import { lockSchedule } from '../../../db/schedules/schedule-sync.ts';
import { auditText } from '../../../domain/audit-detail.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { maxBackfill, mostFirings, type ScheduleTiming } from '../../../domain/schedule.ts';
import { defineChange } from '../../define-endpoint.ts';

function refuseTooMany(timing: ScheduleTiming, spanMs: number): void {
  const firings = mostFirings(timing, spanMs);
  if (firings <= maxBackfill) return;
  const message = `has up to ${firings} firings in this span; ask for ${maxBackfill} at most, in several spans`;
  throw new OrdealError('invalid_request', `The schedule ${message}.`, { issues: [{ field: 'to', message }] });
}

/** A time that is still to come would be fired now, and not when it comes, because a firing is known by its time. */
function refuseFuture(to: string, now: Date): void {
  if (Date.parse(to) <= now.getTime()) return;
  const message = `must not be later than now, ${now.toISOString()}: what is still to come fires by itself`;
  throw new OrdealError('invalid_request', `to ${message}.`, { issues: [{ field: 'to', message }] });
}

export const backfillSchedule = defineChange({
  id: 'backfillSchedule',
  method: 'post',
  path: '/api/schedules/:scheduleId/backfill',
  tag: 'schedules',
  summary: 'Fire for every time of a span in the past, one run after the other; a time that has fired keeps its run',
  auth: 'apiKey',
  rateClass: 'execute',
  failures: ['temporal_unavailable'],
  input: { params: z.object({ scheduleId: idSchema('schedule') }), body: backfillSchema },
  output: { status: 202, description: 'The schedule', schema: scheduleSchema },
  change: async (tx, { params: { scheduleId }, body: { from, to } }, { deps, principal, requestId }) => {
    const { orgId, memberId, actor } = principal;
    await lockSchedule(tx, orgId, scheduleId);
    const schedule = requireFound(await findSchedule(tx, orgId, scheduleId), 'schedule', scheduleId);
    refuseFuture(to, await readClock(tx));
    refuseTooMany(schedule.timing, Date.parse(to) - Date.parse(from));
    await recordEdit(tx, { orgId, objectId: scheduleId, memberId });
    await insertAudit(tx, {
      orgId,
      actor,
      requestId,
      action: 'schedule.backfill',
      objectType: 'schedule',
      objectId: scheduleId,
      detail: { from: auditText('instant', from), to: auditText('instant', to) },
    });
    // Before the commit: asked for again after a crash, each time fires no second run, because a firing is known by its time.
    await deps.schedules.backfill(scheduleId, { from: new Date(from), to: new Date(to) });
    return { body: schedule };
  },
});
