import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import type { RunEnding } from '../../domain/run-ending.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import { isTerminal, type RunStatus } from '../../domain/run-state.ts';
import type { OrgTransaction } from '../with-org.ts';
import { appendToFeed } from './append-to-feed.ts';
import { takeNoticeOfControl } from './load-run-control.ts';
import { optionsOf } from './options-columns.ts';

export interface OpenRunResult {
  readonly status: RunStatus;
  readonly stopRequestedBy: string | null;
  /** Why it takes no further step, once it has begun to clean up. */
  readonly cleanupEnding: RunEnding | null;
  /** Whether any of its steps has something to clean up. */
  readonly hasCleanups: boolean;
  readonly options: RunOptions;
  readonly stepsTotal: number;
  readonly sequencesTotal: number;
}

/**
 * Marks a queued run as running and sets its deadline; a run that has begun already keeps the deadline it has. One that was
 * paused before is paused at once.
 */
export async function openRun(tx: OrgTransaction, run: { readonly orgId: OrgId; readonly runId: RunId }): Promise<OpenRunResult> {
  const started = await tx
    .updateTable('runs')
    .set({
      status: 'running',
      started_at: sql<Date>`now()`,
      deadline_at: sql<Date>`now() + make_interval(secs => 60 * (options->>'maxDurationMinutes')::float8)`,
    })
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .where('status', '=', 'queued')
    .where('stop_requested_at', 'is', null)
    .returning('deadline_at')
    .executeTakeFirst();
  if (started !== undefined) await beginPause(tx, run);
  await takeNoticeOfControl(tx, run);
  const row = await tx
    .selectFrom('runs')
    .select(['status', 'options', 'adjustments', 'stop_requested_by', 'cleanup_ending'])
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .executeTakeFirstOrThrow();
  const plan = await tx
    .selectFrom('probes')
    .select([sql<number>`count(*)::int`.as('steps'), sql<number>`coalesce(max(sequence_no) + 1, 0)::int`.as('sequences')])
    .select(sql<boolean>`coalesce(bool_or(step ? 'cleanup'), false)`.as('has_cleanups'))
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .executeTakeFirstOrThrow();
  if (started !== undefined) {
    await appendToFeed(tx, run, { type: 'run_started', data: { deadlineAt: started.deadline_at?.toISOString() ?? '' } });
  }
  const status = row.status as RunStatus;
  return {
    status,
    stopRequestedBy: isTerminal(status) ? null : row.stop_requested_by,
    cleanupEnding: isTerminal(status) ? null : (row.cleanup_ending as RunEnding | null),
    hasCleanups: plan.has_cleanups,
    options: optionsOf(row),
    stepsTotal: plan.steps,
    sequencesTotal: plan.sequences,
  };
}

/** A run that was paused while it was queued has been paused for some time, of which its deadline knows nothing. */
async function beginPause(tx: OrgTransaction, run: { readonly orgId: OrgId; readonly runId: RunId }): Promise<void> {
  await tx
    .updateTable('runs')
    .set({
      status: 'paused',
      paused_ms: sql<string>`paused_ms + (extract(epoch from now() - paused_at) * 1000)::bigint`,
      paused_at: sql<Date>`now()`,
    })
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .where('paused_at', 'is not', null)
    .execute();
}
