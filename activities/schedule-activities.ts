import type { OrgId, RunId, ScheduleId } from '../domain/ids.ts';

/** What the workflow of a firing asks of the world. Every activity is idempotent. */
export interface ScheduleActivities {
  /** Plans the run of a firing, by the same code as the API, or keeps why there is none. A firing is known by its time. */
  fireSchedule(firing: FiringRef): Promise<FiredRun>;
  /** Whether a run has not ended. */
  isRunLive(run: { readonly orgId: OrgId; readonly runId: RunId }): Promise<boolean>;
}

export interface FiringRef {
  readonly orgId: OrgId;
  readonly scheduleId: ScheduleId;
  readonly scheduledForMs: number;
}

export interface FiredRun {
  /** Null when the firing was refused. */
  readonly runId: RunId | null;
  /** Whether the firing lasts as long as its run, so that the next one can overlap with it. */
  readonly lastsAsRun: boolean;
}
