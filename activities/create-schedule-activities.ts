import { findMemberOfKey } from '../db/access/find-member-of-key.ts';
import { insertAudit } from '../db/insert-audit.ts';
import { findFiring, insertFiring } from '../db/schedules/firings.ts';
import { findSchedule } from '../db/schedules/find-schedule.ts';
import { isRunLive } from '../db/runs/is-run-live.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { withOrg, type OrgTransaction } from '../db/with-org.ts';
import type { Schedule } from '../contracts/schedule.ts';
import { auditText } from '../domain/audit-detail.ts';
import { failures, OrdealError } from '../domain/failures.ts';
import type { ApiKeyId, OrgId, RunId } from '../domain/ids.ts';
import { mayHold } from '../domain/roles.ts';
import { planRun, preparePrompts } from '../planning/plan-run.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Models } from '../runtime/model/models.ts';
import { inActivityScope } from './activity-scope.ts';
import type { FiredRun, FiringRef, ScheduleActivities } from './schedule-activities.ts';

export interface ScheduleDependencies {
  readonly database: TenantDatabase;
  readonly models: Models;
  readonly log: Logger;
  readonly maxRunDurationMinutes: number;
  /** Starts the workflow of a planned run; what fails here the reconciler does. */
  readonly startRun: (orgId: OrgId, runId: RunId) => Promise<unknown>;
}

/** The activities of the firings of schedules, as one worker executes them. */
export function createScheduleActivities(deps: ScheduleDependencies): ScheduleActivities {
  return {
    fireSchedule: (firing) => inActivityScope(deps.log, () => fire(deps, firing)),
    isRunLive: ({ orgId, runId }) => inActivityScope(deps.log, () => withOrg(deps.database, orgId, (tx) => isRunLive(tx, orgId, runId))),
  };
}

async function fire(deps: ScheduleDependencies, { orgId, scheduleId, scheduledForMs }: FiringRef): Promise<FiredRun> {
  const scheduledFor = new Date(scheduledForMs);
  const firing = { orgId, scheduleId, scheduledFor };
  const { schedule, known } = await withOrg(deps.database, orgId, async (tx) => ({
    schedule: await findSchedule(tx, orgId, scheduleId),
    known: await findFiring(tx, firing),
  }));
  // A schedule that was deleted while it fired.
  if (schedule === undefined) return { runId: null, lastsAsRun: false };
  const lastsAsRun = schedule.timing.overlap !== 'allow_all';
  if (known !== undefined) return { runId: known.runId, lastsAsRun };
  try {
    const runId = await plan(deps, { orgId, schedule, scheduledFor });
    await deps.startRun(orgId, runId).catch((error: unknown) => deps.log.warn({ err: error, runId }, 'the run is stored but not started'));
    return { runId, lastsAsRun };
  } catch (error) {
    if (!(error instanceof OrdealError) || failures[error.failure].retryable) throw error;
    const { failure, message } = error;
    const result = { kind: 'refused', failure, detail: message } as const;
    await withOrg(deps.database, orgId, async (tx) => {
      await insertFiring(tx, { ...firing, result });
      const detail = { failure, scheduledFor: auditText('instant', scheduledFor.toISOString()) };
      await insertAudit(tx, { orgId, actor: schedule.createdBy, action: 'denied', objectType: 'schedule', objectId: scheduleId, detail });
    });
    return { runId: null, lastsAsRun };
  }
}

/** The run and its firing are one transaction: neither a second run for the same time, nor a firing without its run. */
async function plan(
  deps: ScheduleDependencies,
  { orgId, schedule, scheduledFor }: { readonly orgId: OrgId; readonly schedule: Schedule; readonly scheduledFor: Date },
): Promise<RunId> {
  const { projectId, run: body, createdBy: actor, scheduleId } = schedule;
  const asked = { orgId, projectId, body, maxDurationMinutes: deps.maxRunDurationMinutes };
  const modelFault = await preparePrompts(deps, asked);
  return withOrg(deps.database, orgId, async (tx) => {
    await requireStarter(tx, orgId, actor as ApiKeyId);
    const runId = await planRun(tx, { asked, actor, modelFault });
    await insertFiring(tx, { orgId, scheduleId, scheduledFor, result: { kind: 'started', runId } });
    return runId;
  });
}

/** A rotated key is no reason to stop; a member who left, or may start runs no more, is. */
async function requireStarter(tx: OrgTransaction, orgId: OrgId, keyId: ApiKeyId): Promise<void> {
  const member = await findMemberOfKey(tx, orgId, keyId);
  if (member?.removedAt === null && mayHold(member.role, 'operator')) return;
  throw new OrdealError(
    'forbidden',
    `The member behind ${keyId}, in whose name this schedule starts runs, may not start any. Somebody who may has to change the schedule, and so take it over.`,
  );
}
