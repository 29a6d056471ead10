import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import { isTerminal, type RunStatus } from '../../domain/run-state.ts';
import type { OrgTransaction } from '../with-org.ts';
import { appendToFeed } from './append-to-feed.ts';

export interface OpenRunResult {
  readonly status: RunStatus;
  readonly stopRequestedBy: string | null;
  readonly options: RunOptions;
  readonly stepsTotal: number;
  readonly sequencesTotal: number;
  /** Until the duration cap, by the clock of the database; 0 when it is over. */
  readonly remainingMs: number;
}

/** Marks a queued run as running and sets its deadline; a run that is running already keeps the deadline it has. */
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
  const row = await tx
    .selectFrom('runs')
    .select(['status', 'options', 'stop_requested_by'])
    .select(sql<number | null>`(extract(epoch from deadline_at - now()) * 1000)::float8`.as('remaining_ms'))
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .executeTakeFirstOrThrow();
  const plan = await tx
    .selectFrom('probes')
    .select([sql<number>`count(*)::int`.as('steps'), sql<number>`coalesce(max(sequence_no) + 1, 0)::int`.as('sequences')])
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
    options: row.options as unknown as RunOptions,
    stepsTotal: plan.steps,
    sequencesTotal: plan.sequences,
    remainingMs: Math.max(0, Math.round(row.remaining_ms ?? 0)),
  };
}
