import { sql } from 'kysely';

import type { CleanupAttempt } from '../../domain/cleanup/next-cleanup-move.ts';
import type { FailureName } from '../../domain/failures.ts';
import type { CleanupId, ProbeId } from '../../domain/ids.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import { isTerminal, type RunStatus } from '../../domain/run-state.ts';
import type { StepDefinition } from '../../domain/script.ts';
import type { TargetDefinition } from '../../domain/target.ts';
import { optionsOf } from '../runs/options-columns.ts';
import type { OrgTransaction } from '../with-org.ts';
import { skipCleanups } from './skip-cleanups.ts';
import type { RunKey } from '../runs/step-key.ts';

/** A cleanup as one attempt to work on it holds it; every write of the attempt carries the epoch. */
export interface HeldCleanup extends RunKey {
  readonly cleanupId: CleanupId;
  readonly epoch: number;
  /** Of the probe that it is of. */
  readonly stepId: string;
  readonly variantNo: number;
}

export interface CleanupWork {
  readonly held: HeldCleanup;
  readonly probeId: ProbeId;
  readonly scriptSlug: string;
  readonly step: StepDefinition;
  readonly strategy: string;
  readonly seed: string;
  /** The session that the variables of the cleanup are of. */
  readonly session: { readonly sequenceNo: number; readonly sessionNo: number };
  readonly target: TargetDefinition;
  readonly targetId: string;
  readonly sealedAuth: string | null;
  readonly options: RunOptions;
  /** Of what stood when the step was sent. */
  readonly requestHash: string;
  readonly isRepeatable: boolean;
  readonly attempts: readonly CleanupAttempt[];
  /** Until the time for cleaning up is over. */
  readonly leftMs: number;
}

/**
 * Takes the next cleanup of a run for one attempt to work on it: raises its epoch, so that whoever held it before can write
 * nothing more, and closes what that one left open as `indeterminate`. `undefined` when none waits any more; those that may not
 * be sent, because they were stopped or the time is over, are settled by that.
 */
export async function holdNextCleanup(tx: OrgTransaction, run: RunKey): Promise<CleanupWork | undefined> {
  const refused = await refusalOf(tx, run);
  if (refused === 'ended') return undefined;
  const row = await raiseEpoch(tx, run);
  if (row === undefined) return undefined;
  const held: HeldCleanup = {
    ...run,
    cleanupId: row.cleanup_id as CleanupId,
    epoch: row.epoch,
    stepId: row.step_id,
    variantNo: row.variant_no,
  };
  const attempts = row.epoch === 1 ? [] : await closeAndLoadLedger(tx, held);
  if (refused !== null) {
    // What was sent and has no known end is told as that, and not as skipped.
    if (attempts.at(-1)?.state === 'indeterminate') await settleAsUnknown(tx, held);
    await skipCleanups(tx, run, refused);
    return undefined;
  }
  return {
    held,
    probeId: row.probe_id as ProbeId,
    scriptSlug: row.script_slug,
    step: row.step as unknown as StepDefinition,
    strategy: row.strategy,
    seed: row.seed,
    session: { sequenceNo: row.sequence_no, sessionNo: row.session_no },
    target: row.target_definition as unknown as TargetDefinition,
    targetId: row.target_id,
    sealedAuth: row.sealed_auth,
    options: optionsOf(row),
    requestHash: row.request_hash,
    isRepeatable: row.is_repeatable,
    attempts,
    leftMs: row.left_ms,
  };
}

async function refusalOf(tx: OrgTransaction, { orgId, runId }: RunKey): Promise<'ended' | 'cleanup_stopped' | 'cleanup_overdue' | null> {
  const run = await tx
    .selectFrom('runs')
    .select(['status', 'cleanup_stop_requested_at'])
    .select(sql<boolean>`cleanup_deadline_at <= now()`.as('is_overdue'))
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow();
  if (isTerminal(run.status as RunStatus)) return 'ended';
  if (run.cleanup_stop_requested_at !== null) return 'cleanup_stopped';
  return run.is_overdue ? 'cleanup_overdue' : null;
}

function raiseEpoch(tx: OrgTransaction, { orgId, runId }: RunKey) {
  return tx
    .updateTable('cleanups')
    .from('runs')
    .innerJoin('targets', (join) => join.onRef('targets.org_id', '=', 'runs.org_id').onRef('targets.target_id', '=', 'runs.target_id'))
    .innerJoin('probes', (join) => join.onRef('probes.org_id', '=', 'runs.org_id').onRef('probes.run_id', '=', 'runs.run_id'))
    .set({ epoch: sql`cleanups.epoch + 1` })
    .whereRef('runs.org_id', '=', 'cleanups.org_id')
    .whereRef('runs.run_id', '=', 'cleanups.run_id')
    .whereRef('probes.step_id', '=', 'cleanups.step_id')
    .whereRef('probes.variant_no', '=', 'cleanups.variant_no')
    .where('cleanups.org_id', '=', orgId)
    .where('cleanups.run_id', '=', runId)
    .where('cleanups.state', '=', 'pending')
    .where('cleanups.order_no', '=', (next) =>
      next
        .selectFrom('cleanups as k')
        .select((k) => k.fn.min('k.order_no').as('order_no'))
        .where('k.org_id', '=', orgId)
        .where('k.run_id', '=', runId)
        .where('k.state', '=', 'pending'),
    )
    .returning(['cleanups.cleanup_id', 'cleanups.epoch', 'cleanups.step_id', 'cleanups.variant_no', 'cleanups.session_no'])
    .returning(['cleanups.request_hash', 'cleanups.is_repeatable'])
    .returning(['probes.probe_id', 'probes.script_slug', 'probes.step', 'probes.strategy', 'probes.seed', 'probes.sequence_no'])
    .returning(['runs.target_id', 'runs.target_definition', 'runs.options', 'runs.adjustments', 'targets.sealed_auth'])
    .returning(sql<number>`(extract(epoch from runs.cleanup_deadline_at - now()) * 1000)::float8`.as('left_ms'))
    .executeTakeFirst();
}

async function closeAndLoadLedger(tx: OrgTransaction, { orgId, cleanupId }: HeldCleanup): Promise<CleanupAttempt[]> {
  await tx
    .updateTable('cleanup_attempts')
    .set({ state: 'indeterminate', failure: 'indeterminate', closed_at: sql<Date>`now()` })
    .set({ failure_detail: 'The process that sent the request ended before its answer was recorded.' })
    .where('org_id', '=', orgId)
    .where('cleanup_id', '=', cleanupId)
    .where('state', '=', 'open')
    .execute();
  const rows = await tx
    .selectFrom('cleanup_attempts')
    .select(['state', 'failure', 'failure_detail', 'retry_after_seconds'])
    .select(sql<number>`(extract(epoch from clock_timestamp() - coalesce(closed_at, opened_at)) * 1000)::float8`.as('closed_ago_ms'))
    .where('org_id', '=', orgId)
    .where('cleanup_id', '=', cleanupId)
    .orderBy('attempt_no')
    .execute();
  return rows.map((row) => ({
    state: row.state as CleanupAttempt['state'],
    failure: row.failure as FailureName | null,
    detail: row.failure_detail,
    retryAfterSeconds: row.retry_after_seconds,
    closedAgoMs: row.closed_ago_ms,
  }));
}

async function settleAsUnknown(tx: OrgTransaction, { orgId, cleanupId }: HeldCleanup): Promise<void> {
  await tx
    .updateTable('cleanups')
    .set({ state: 'indeterminate', failure: 'indeterminate', settled_at: sql<Date>`now()` })
    .set({ detail: 'It is unknown whether its last request reached the target.' })
    .where('org_id', '=', orgId)
    .where('cleanup_id', '=', cleanupId)
    .where('settled_at', 'is', null)
    .execute();
}
