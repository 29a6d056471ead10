import { sql, type RawBuilder } from 'kysely';

import type { ApprovalId, DecisionId, DeliveryId, OrgId, RunId, ScheduleId } from '../domain/ids.ts';
import { defaultRunOptions } from '../domain/run-options.ts';
import type { LiveRunStatus } from '../domain/run-state.ts';
import { translateDatabaseError } from './database-errors.ts';
import { unsealDatabase, type TenantDatabase } from './tenant-database.ts';
import type { Claim } from './webhooks/load-claimed.ts';

/**
 * The only queries that look across organizations. Each calls a database function that returns references, never
 * content, and each has its reason here.
 */

export interface LiveRun {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly status: LiveRunStatus;
  readonly ageMs: number;
  /** Since a stop was requested. */
  readonly stoppingMs: number | null;
}

/** For the reconciler: the oldest runs that have not ended. */
export async function listLiveRuns(database: TenantDatabase, maxRows: number): Promise<LiveRun[]> {
  const result = await guard(() =>
    sql<{ org_id: OrgId; run_id: RunId; status: LiveRunStatus; age_ms: number; stopping_ms: number | null }>`
      select org_id, run_id, status, ${msSince('created_at')} as age_ms, ${msSince('stop_requested_at')} as stopping_ms
      from live_runs(${maxRows})`.execute(unsealDatabase(database)),
  );
  return result.rows.map((row) => ({
    orgId: row.org_id,
    runId: row.run_id,
    status: row.status,
    ageMs: row.age_ms,
    stoppingMs: row.stopping_ms,
  }));
}

/** By the clock of the database: what the clocks of processes say may differ from it, and from each other. */
function msSince(column: string): RawBuilder<number> {
  return sql<number>`(extract(epoch from clock_timestamp() - ${sql.ref(column)}) * 1000)::float8`;
}

/** How a run that a worker has requests of is to be worked on just now. */
export interface WatchedRun {
  readonly runId: RunId;
  /** It takes no further request, and those in flight are to be aborted. */
  readonly isStopping: boolean;
  /** Not even to clean up. */
  readonly isCleanupStopping: boolean;
  /** It takes no further request for the time being. */
  readonly isPaused: boolean;
  readonly concurrency: number;
  readonly requestsPerMinute: number | null;
}

/** For the reconciler: held runs that are to end, because their time is over or they were stopped. */
export async function listEndedHolds(
  database: TenantDatabase,
  maxRows: number,
): Promise<readonly { readonly orgId: OrgId; readonly runId: RunId }[]> {
  const result = await guard(() =>
    sql<{ org_id: OrgId; run_id: RunId }>`select * from ended_holds(${maxRows})`.execute(unsealDatabase(database)),
  );
  return result.rows.map((row) => ({ orgId: row.org_id, runId: row.run_id }));
}

/** For the worker's watch on the runs that it has requests of. */
export async function listWatchedRuns(database: TenantDatabase, runIds: readonly RunId[]): Promise<WatchedRun[]> {
  const result = await guard(() =>
    sql<{
      run_id: RunId;
      is_stopping: boolean;
      is_cleanup_stopping: boolean;
      is_paused: boolean;
      concurrency: number | null;
      requests_per_minute: number | null;
    }>`
      select * from watched_runs(${[...runIds]}::text[])`.execute(unsealDatabase(database)),
  );
  return result.rows.map((row) => ({
    runId: row.run_id,
    isStopping: row.is_stopping,
    isCleanupStopping: row.is_cleanup_stopping,
    isPaused: row.is_paused,
    concurrency: row.concurrency ?? defaultRunOptions.concurrency,
    requestsPerMinute: row.requests_per_minute,
  }));
}

/** For the reconciler: live runs whose workflows have not heard that they were paused, resumed or adjusted. */
export async function listUnseenControls(
  database: TenantDatabase,
  maxRows: number,
): Promise<readonly { readonly orgId: OrgId; readonly runId: RunId; readonly ageMs: number }[]> {
  const result = await guard(() =>
    sql<{ org_id: OrgId; run_id: RunId; age_ms: number }>`
      select org_id, run_id, ${msSince('changed_at')} as age_ms from unseen_controls(${maxRows})`.execute(unsealDatabase(database)),
  );
  return result.rows.map((row) => ({ orgId: row.org_id, runId: row.run_id, ageMs: row.age_ms }));
}

export interface UnseenDecision {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly decisionId: DecisionId;
  readonly ageMs: number;
}

/** For the reconciler: decisions that ended an approval of a live run whose workflow has not heard of it. */
export async function listUnseenDecisions(database: TenantDatabase, maxRows: number): Promise<readonly UnseenDecision[]> {
  const result = await guard(() =>
    sql<{ org_id: OrgId; run_id: RunId; decision_id: DecisionId; age_ms: number }>`
      select org_id, run_id, decision_id, ${msSince('applied_at')} as age_ms from unseen_decisions(${maxRows})`.execute(
      unsealDatabase(database),
    ),
  );
  return result.rows.map((row) => ({ orgId: row.org_id, runId: row.run_id, decisionId: row.decision_id, ageMs: row.age_ms }));
}

/** For the watch on quotas: live runs, not stopping, of organizations that have limits. */
export async function listMeteredLiveRuns(
  database: TenantDatabase,
  maxRows: number,
): Promise<readonly { readonly orgId: OrgId; readonly runId: RunId }[]> {
  const result = await guard(() =>
    sql<{ org_id: OrgId; run_id: RunId }>`select * from metered_live_runs(${maxRows})`.execute(unsealDatabase(database)),
  );
  return result.rows.map((row) => ({ orgId: row.org_id, runId: row.run_id }));
}

/** For bringing the built-in scripts of every organization up to date at start-up. */
export async function listOrganizationIds(database: TenantDatabase): Promise<OrgId[]> {
  const result = await guard(() => sql<{ org_id: OrgId }>`select org_id from organization_ids()`.execute(unsealDatabase(database)));
  return result.rows.map((row) => row.org_id);
}

/** For the worker that anchors audit chains: organizations with rows that no anchor covers yet. */
export async function listUnanchoredOrganizations(database: TenantDatabase, maxRows: number): Promise<OrgId[]> {
  const result = await guard(() =>
    sql<{ org_id: OrgId }>`select org_id from unanchored_audit_heads(${maxRows})`.execute(unsealDatabase(database)),
  );
  return result.rows.map((row) => row.org_id);
}

export interface ScheduleRef {
  readonly orgId: OrgId;
  readonly scheduleId: ScheduleId;
}

/** For the keeper of schedules: those that Temporal was not told of as they are now. */
export async function listUnsyncedSchedules(database: TenantDatabase, maxRows: number): Promise<ScheduleRef[]> {
  return listScheduleRefs(database, sql`select org_id, schedule_id from unsynced_schedules(${maxRows})`);
}

/** For the keeper of schedules, which looks whether Temporal still has them: all that stand, in pages. */
export async function listStandingSchedules(database: TenantDatabase, after: string, maxRows: number): Promise<ScheduleRef[]> {
  return listScheduleRefs(database, sql`select org_id, schedule_id from standing_schedules(${after}, ${maxRows})`);
}

async function listScheduleRefs(database: TenantDatabase, query: RawBuilder<unknown>): Promise<ScheduleRef[]> {
  const result = await guard(() => query.execute(unsealDatabase(database)));
  return (result.rows as { org_id: OrgId; schedule_id: ScheduleId }[]).map((row) => ({ orgId: row.org_id, scheduleId: row.schedule_id }));
}

export interface DeliveryClaims {
  /** Of all webhooks together. */
  readonly maxRows: number;
  /** Under way at once, for one webhook. */
  readonly perWebhook: number;
  readonly leaseSeconds: number;
}

/** For the keeper of webhooks: claims deliveries that are due, each for one process until its lease ends. */
export async function claimDeliveries(database: TenantDatabase, { maxRows, perWebhook, leaseSeconds }: DeliveryClaims): Promise<Claim[]> {
  const result = await guard(() =>
    sql<{ claimed_org_id: OrgId; claimed_delivery_id: DeliveryId; claimed_no: number }>`
      select * from claim_webhook_deliveries(${maxRows}, ${perWebhook}, ${leaseSeconds})`.execute(unsealDatabase(database)),
  );
  return result.rows.map((row) => ({ orgId: row.claimed_org_id, deliveryId: row.claimed_delivery_id, claimNo: row.claimed_no }));
}

/** For whoever reminds people: pending approvals whose next reminder is due by the clock of the database. */
export async function listDueReminders(
  database: TenantDatabase,
  maxRows: number,
): Promise<readonly { readonly orgId: OrgId; readonly approvalId: ApprovalId }[]> {
  const result = await guard(() =>
    sql<{ org_id: OrgId; approval_id: ApprovalId }>`select * from due_reminders(${maxRows})`.execute(unsealDatabase(database)),
  );
  return result.rows.map((row) => ({ orgId: row.org_id, approvalId: row.approval_id }));
}

/** Answers when PostgreSQL does; for health checks. */
export async function pingDatabase(database: TenantDatabase): Promise<void> {
  await guard(() => sql`select 1`.execute(unsealDatabase(database)));
}

async function guard<Result>(query: () => Promise<Result>): Promise<Result> {
  try {
    return await query();
  } catch (error) {
    throw translateDatabaseError(error);
  }
}
