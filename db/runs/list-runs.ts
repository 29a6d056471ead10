import { sql } from 'kysely';

import type { Run } from '../../contracts/run.ts';
import type { GenerationSummary } from '../../domain/generation/variety.ts';
import type { OrgId, ProjectId, RunId, TargetId } from '../../domain/ids.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { GuardSnapshot } from '../../domain/production-guard.ts';
import type { RunPriority } from '../../domain/run-priority.ts';
import type { RunStatus } from '../../domain/run-state.ts';
import { scoreRun, type ScoredProbe } from '../../domain/score.ts';
import type { Severity } from '../../domain/severity.ts';
import { loadCleanupCounts } from '../cleanups/load-cleanup-account.ts';
import { loadModelUse } from '../models/load-model-use.ts';
import type { OrgTransaction } from '../with-org.ts';
import { optionsOf } from './options-columns.ts';
import type { ScriptSummary } from './plan-probes.ts';

export interface RunFilter {
  readonly projectId?: ProjectId | undefined;
  readonly status?: RunStatus | undefined;
  /** Only retries of this run. */
  readonly retryOf?: RunId | undefined;
  readonly before: string | undefined;
  readonly rows: number;
}

/** Runs from the newest on, starting below `before`. Scores and counts are derived from rows, as everywhere. */
export async function listRuns(tx: OrgTransaction, orgId: OrgId, filter: RunFilter): Promise<Run[]> {
  let query = selectRuns(tx, orgId);
  if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.retryOf !== undefined) query = query.where('retry_of', '=', filter.retryOf);
  if (filter.before !== undefined) query = query.where('run_id', '<', filter.before);
  return toRuns(tx, orgId, await query.orderBy('run_id', 'desc').limit(filter.rows).execute());
}

/** One run as the API shows it. */
export async function loadRun(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<Run | undefined> {
  const rows = await selectRuns(tx, orgId).where('run_id', '=', runId).execute();
  const [run] = await toRuns(tx, orgId, rows);
  return run;
}

function selectRuns(tx: OrgTransaction, orgId: OrgId) {
  return tx
    .selectFrom('runs')
    .select([
      'run_id',
      'project_id',
      'target_id',
      'target_name',
      'status',
      'status_reason',
      'scripts',
      'strategies',
      'generation',
      'plan_hash',
      'options',
      'adjustments',
      'priority',
      'paused_at',
      'paused_by',
      'guard',
      'requested_by',
      'retry_of',
      'held_until',
    ])
    .select(
      sql<string>`paused_ms + case when paused_at is null then 0 else (extract(epoch from coalesce(ended_at, now()) - paused_at) * 1000)::bigint end`.as(
        'paused_ms',
      ),
    )
    .select(['created_at', 'started_at', 'deadline_at', 'ended_at', 'stop_requested_at', 'stop_requested_by'])
    .select(['cleanup_begun_at', 'cleanup_stop_requested_at', 'cleanup_stop_requested_by'])
    .where('org_id', '=', orgId);
}

type RunRow = Awaited<ReturnType<ReturnType<typeof selectRuns>['execute']>>[number];

async function toRuns(tx: OrgTransaction, orgId: OrgId, rows: readonly RunRow[]): Promise<Run[]> {
  const ids = rows.map((row) => row.run_id);
  if (ids.length === 0) return [];
  const probes = await loadScoredProbes(tx, orgId, ids);
  const findings = await countFindings(tx, orgId, ids);
  const modelUse = await loadModelUse(tx, orgId, { kind: 'run', ids });
  const cleanups = await loadCleanupCounts(tx, orgId, ids);
  return rows.map((row) => ({
    runId: row.run_id as RunId,
    projectId: row.project_id as ProjectId,
    targetId: row.target_id as TargetId,
    targetName: row.target_name,
    status: row.status as RunStatus,
    statusReason: row.status_reason,
    scripts: row.scripts as unknown as ScriptSummary[],
    strategies: row.strategies as unknown as string[],
    generation: row.generation as unknown as GenerationSummary,
    planHash: row.plan_hash,
    options: optionsOf(row),
    priority: row.priority as RunPriority,
    guard: row.guard as unknown as GuardSnapshot | null,
    score: scoreRun(probes.get(row.run_id) ?? []),
    findings: findings.get(row.run_id) ?? 0,
    modelUse: modelUse.get(row.run_id) ?? [],
    requestedBy: row.requested_by,
    retryOf: row.retry_of as RunId | null,
    createdAt: row.created_at.toISOString(),
    heldUntil: row.held_until?.toISOString() ?? null,
    startedAt: row.started_at?.toISOString() ?? null,
    deadlineAt: row.deadline_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    stopRequestedAt: row.stop_requested_at?.toISOString() ?? null,
    stopRequestedBy: row.stop_requested_by,
    cleanup: cleanups.get(row.run_id) ?? null,
    cleanupBegunAt: row.cleanup_begun_at?.toISOString() ?? null,
    cleanupStopRequestedAt: row.cleanup_stop_requested_at?.toISOString() ?? null,
    cleanupStopRequestedBy: row.cleanup_stop_requested_by,
    pausedAt: row.paused_at?.toISOString() ?? null,
    pausedBy: row.paused_by,
    pausedMs: Number(row.paused_ms),
  }));
}

async function loadScoredProbes(tx: OrgTransaction, orgId: OrgId, runIds: readonly string[]): Promise<Map<string, ScoredProbe[]>> {
  const groups = await tx
    .selectFrom('probes')
    .select(['run_id', sql<Outcome>`coalesce(outcome, 'not_run')`.as('outcome'), sql<Severity>`step->>'severity'`.as('severity')])
    .select(sql<number>`count(*)::int`.as('count'))
    .where('org_id', '=', orgId)
    .where('run_id', 'in', runIds)
    .groupBy(['run_id', sql`2`, sql`3`])
    .execute();
  const byRun = new Map<string, ScoredProbe[]>();
  for (const { run_id, outcome, severity, count } of groups) {
    const probes = byRun.get(run_id) ?? [];
    for (let index = 0; index < count; index += 1) probes.push({ outcome, severity });
    byRun.set(run_id, probes);
  }
  return byRun;
}

async function countFindings(tx: OrgTransaction, orgId: OrgId, runIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx
    .selectFrom('findings')
    .select(['run_id', sql<number>`count(*)::int`.as('count')])
    .where('org_id', '=', orgId)
    .where('run_id', 'in', runIds)
    .groupBy('run_id')
    .execute();
  return new Map(rows.map((row) => [row.run_id, row.count]));
}
