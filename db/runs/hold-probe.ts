import { sql } from 'kysely';

import type { FailureName } from '../../domain/failures.ts';
import type { AttemptId, ProbeId } from '../../domain/ids.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import type { StepDefinition } from '../../domain/script.ts';
import type { TargetDefinition } from '../../domain/target.ts';
import type { OrgTransaction } from '../with-org.ts';
import type { HeldProbe, StepPlace } from './step-key.ts';

export type ProbeHold =
  /** Somebody has given it an outcome already. */
  | { readonly kind: 'settled'; readonly outcome: Outcome; readonly failure: FailureName | null }
  /** The run takes no further request. */
  | { readonly kind: 'stopping' }
  | { readonly kind: 'held'; readonly work: ProbeWork };

export interface ProbeWork {
  readonly held: HeldProbe;
  readonly probeId: ProbeId;
  readonly scriptSlug: string;
  readonly step: StepDefinition;
  readonly target: TargetDefinition;
  readonly targetId: string;
  /** `TargetAuth`, sealed; `null` for a target without credential. */
  readonly sealedAuth: string | null;
  readonly options: RunOptions;
  /** Session id that the target gave to this script instance, if it did. */
  readonly sessionId: string | null;
  /** The ledger of this probe, oldest first. */
  readonly attempts: readonly LedgerEntry[];
}

export interface LedgerEntry {
  readonly attemptId: AttemptId;
  readonly attemptNo: number;
  readonly state: 'answered' | 'failed' | 'indeterminate';
  readonly prompt: string | null;
  readonly answerText: string | null;
  readonly failure: FailureName | null;
  readonly openedAtMs: number;
}

/**
 * Takes a probe for one attempt to work on it: raises its epoch, so that whoever held it before can write nothing
 * more, and closes what that one left open as `indeterminate`.
 */
export async function holdProbe(tx: OrgTransaction, place: StepPlace): Promise<ProbeHold> {
  const probe = await tx
    .updateTable('probes')
    .set({ epoch: sql`epoch + 1` })
    .where('org_id', '=', place.orgId)
    .where('run_id', '=', place.runId)
    .where('sequence_no', '=', place.sequenceNo)
    .where('position', '=', place.position)
    .where('outcome', 'is', null)
    .returning(['step_id', 'variant_no', 'epoch', 'probe_id', 'script_slug', 'step'])
    .executeTakeFirst();
  if (probe === undefined) return loadSettled(tx, place);
  const run = await loadRun(tx, place);
  if (run.stop_requested_at !== null) return { kind: 'stopping' };
  const held = { orgId: place.orgId, runId: place.runId, stepId: probe.step_id, variantNo: probe.variant_no, epoch: probe.epoch };
  return {
    kind: 'held',
    work: {
      held,
      probeId: probe.probe_id as ProbeId,
      scriptSlug: probe.script_slug,
      step: probe.step as unknown as StepDefinition,
      target: run.target_definition as unknown as TargetDefinition,
      targetId: run.target_id,
      sealedAuth: run.sealed_auth,
      options: run.options as unknown as RunOptions,
      sessionId: run.session_id,
      attempts: probe.epoch === 1 ? [] : await closeAndLoadLedger(tx, held),
    },
  };
}

async function loadSettled(tx: OrgTransaction, place: StepPlace): Promise<ProbeHold> {
  const row = await tx
    .selectFrom('probes')
    .select(['outcome', 'failure'])
    .where('org_id', '=', place.orgId)
    .where('run_id', '=', place.runId)
    .where('sequence_no', '=', place.sequenceNo)
    .where('position', '=', place.position)
    .executeTakeFirstOrThrow();
  return { kind: 'settled', outcome: row.outcome as Outcome, failure: row.failure as FailureName | null };
}

function loadRun(tx: OrgTransaction, place: StepPlace) {
  return tx
    .selectFrom('runs')
    .innerJoin('targets', (join) => join.onRef('targets.org_id', '=', 'runs.org_id').onRef('targets.target_id', '=', 'runs.target_id'))
    .leftJoin('target_sessions', (join) =>
      join
        .onRef('target_sessions.org_id', '=', 'runs.org_id')
        .onRef('target_sessions.run_id', '=', 'runs.run_id')
        .on('target_sessions.sequence_no', '=', place.sequenceNo),
    )
    .select(['runs.target_id', 'runs.target_definition', 'runs.options', 'runs.stop_requested_at'])
    .select(['targets.sealed_auth', 'target_sessions.session_id'])
    .where('runs.org_id', '=', place.orgId)
    .where('runs.run_id', '=', place.runId)
    .executeTakeFirstOrThrow();
}

async function closeAndLoadLedger(tx: OrgTransaction, held: HeldProbe): Promise<LedgerEntry[]> {
  await tx
    .updateTable('attempts')
    .set({ state: 'indeterminate', failure: 'indeterminate', closed_at: sql<Date>`now()` })
    .set({ failure_detail: 'The process that sent the request ended before its answer was recorded.' })
    .where('org_id', '=', held.orgId)
    .where('run_id', '=', held.runId)
    .where('step_id', '=', held.stepId)
    .where('variant_no', '=', held.variantNo)
    .where('state', '=', 'open')
    .execute();
  const rows = await tx
    .selectFrom('attempts')
    .select(['attempt_id', 'attempt_no', 'state', 'prompt', 'answer_text', 'failure', 'opened_at'])
    .where('org_id', '=', held.orgId)
    .where('run_id', '=', held.runId)
    .where('step_id', '=', held.stepId)
    .where('variant_no', '=', held.variantNo)
    .orderBy('attempt_no')
    .execute();
  return rows.map((row) => ({
    attemptId: row.attempt_id as AttemptId,
    attemptNo: row.attempt_no,
    state: row.state as LedgerEntry['state'],
    prompt: row.prompt,
    answerText: row.answer_text,
    failure: row.failure as FailureName | null,
    openedAtMs: row.opened_at.getTime(),
  }));
}
