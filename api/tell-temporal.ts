import type { ScheduleId } from '../domain/ids.ts';
import type { RequestContext } from './request-context.ts';

/** Tells Temporal of a schedule that was changed; what fails here the worker's keeper of schedules does within seconds. */
export async function tellTemporal(scheduleId: ScheduleId, { deps, principal, log }: RequestContext<'apiKey'>): Promise<void> {
  try {
    await deps.schedules.sync(principal.orgId, scheduleId);
  } catch (error) {
    log.warn({ err: error, scheduleId }, 'the schedule is stored but Temporal was not told; the worker will tell it');
  }
}
