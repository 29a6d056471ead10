import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import { isTerminal, type RunStatus } from '../../domain/run-state.ts';
import type { OrgTransaction } from '../with-org.ts';
import { appendToFeed } from './append-to-feed.ts';
import { loadRunControl } from './load-run-control.ts';

export interface PauseRequest {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly requestedBy: string;
}

/** `used_up`: it has been paused for as long as it may be. */
export type PauseResult = 'paused' | 'already_paused' | 'used_up' | 'stopping' | 'ended' | 'not_found';
export type ResumeResult = 'resumed' | 'not_paused' | 'stopping' | 'ended' | 'not_found';

/**
 * Shuts the ledger of a run until it is resumed: once this is committed, no request of the run starts. Those in flight end
 * as they would. From now on the time of the run stands still; one that has not begun is paused as soon as it does.
 */
export async function pauseRun(tx: OrgTransaction, request: PauseRequest): Promise<PauseResult> {
  const run = await lockRun(tx, request);
  if (run === undefined) return 'not_found';
  if (isTerminal(run.status)) return 'ended';
  if (run.isStopping) return 'stopping';
  if (run.isPaused) return 'already_paused';
  if ((await loadRunControl(tx, request)).pauseLeftMs === 0) return 'used_up';
  await tx
    .updateTable('runs')
    .$if(run.status !== 'queued', (update) => update.set({ status: 'paused' }))
    // What it waited for people until now is given back: from here on it is paused, and nothing else.
    .set({ deadline_at: sql<Date>`deadline_at + coalesce(now() - awaiting_since, interval '0')`, awaiting_since: null })
    .set({ paused_at: sql<Date>`now()`, paused_by: request.requestedBy, ...controlChanged })
    .where('org_id', '=', request.orgId)
    .where('run_id', '=', request.runId)
    .execute();
  await appendToFeed(tx, request, { type: 'run_paused', data: { by: request.requestedBy } });
  return 'paused';
}

/** Opens the ledger of a paused run again, and moves its deadline by as long as it was paused. */
export async function resumeRun(tx: OrgTransaction, request: PauseRequest): Promise<ResumeResult> {
  const run = await lockRun(tx, request);
  if (run === undefined) return 'not_found';
  if (isTerminal(run.status)) return 'ended';
  if (run.isStopping) return 'stopping';
  if (!run.isPaused) return 'not_paused';
  const resumed = await tx
    .updateTable('runs')
    .$if(run.status !== 'queued', (update) => update.set({ status: 'running' }))
    .set({
      paused_ms: sql<string>`paused_ms + (extract(epoch from now() - paused_at) * 1000)::bigint`,
      deadline_at: sql<Date>`deadline_at + (now() - paused_at)`,
      resumed_at: sql<Date>`now()`,
      paused_at: null,
      paused_by: null,
      ...controlChanged,
    })
    .where('org_id', '=', request.orgId)
    .where('run_id', '=', request.runId)
    .returning('deadline_at')
    .executeTakeFirstOrThrow();
  const deadlineAt = resumed.deadline_at?.toISOString() ?? null;
  await appendToFeed(tx, request, { type: 'run_resumed', data: { by: request.requestedBy, deadlineAt } });
  return 'resumed';
}

export const controlChanged = { control_version: sql<number>`control_version + 1`, control_changed_at: sql<Date>`now()` };

/** Waits for the ledger entries that are being made, as a stop does. */
export async function lockRun(
  tx: OrgTransaction,
  { orgId, runId }: Pick<PauseRequest, 'orgId' | 'runId'>,
): Promise<{ readonly status: RunStatus; readonly isStopping: boolean; readonly isPaused: boolean } | undefined> {
  const row = await tx
    .selectFrom('runs')
    .select(['status', 'stop_requested_at', 'cleanup_begun_at', 'paused_at'])
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const isStopping = row.stop_requested_at !== null || row.cleanup_begun_at !== null;
  return { status: row.status as RunStatus, isStopping, isPaused: row.paused_at !== null };
}
