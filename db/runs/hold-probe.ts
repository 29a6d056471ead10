import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';

import type { FailureName } from '../../domain/failures.ts';
import type { AttemptId, ProbeId, ProjectId } from '../../domain/ids.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Environment } from '../../domain/risk/assess-risk.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import type { StepDefinition } from '../../domain/script.ts';
import type { TranscriptEntry } from '../../domain/steps/transcript.ts';
import type { TargetDefinition } from '../../domain/target.ts';
import { loadProbeApprovals, type ProbeGate } from '../approvals/load-probe-approvals.ts';
import { selectPolicies, toPolicies } from '../policies/load-policies.ts';
import type { OrgTransaction } from '../with-org.ts';
import { optionsOf } from './options-columns.ts';
import { probeKey, type HeldProbe, type StepPlace } from './step-key.ts';

export type ProbeHold =
  /** Somebody has given it an outcome already. */
  | { readonly kind: 'settled'; readonly outcome: Outcome; readonly failure: FailureName | null }
  /** The run takes no further request. */
  | { readonly kind: 'stopping' }
  /** It takes none for the time being. */
  | { readonly kind: 'paused' }
  | { readonly kind: 'held'; readonly work: ProbeWork };

export interface ProbeWork {
  readonly held: HeldProbe;
  readonly probeId: ProbeId;
  readonly scriptSlug: string;
  readonly step: StepDefinition;
  /** How the prompt is put: see `domain/generation/styles.ts` and `domain/strategies/strategies.ts`. */
  readonly style: string;
  readonly strategy: string;
  /** Decides the choices of the strategy. */
  readonly seed: string;
  readonly target: TargetDefinition;
  readonly targetId: string;
  readonly targetName: string;
  /** `TargetAuth`, sealed; `null` for a target without credential. */
  readonly sealedAuth: string | null;
  readonly options: RunOptions;
  /** When the run was last resumed; `null` when it never was. */
  readonly resumedAtMs: number | null;
  /** The session of the script instance: which one it is, from 1, and the id that the target gave it, if it did. */
  readonly session: { readonly sessionNo: number; readonly sessionId: string | null };
  /** The ledger of this probe, by conversation, exchange and attempt. */
  readonly attempts: readonly LedgerEntry[];
  readonly gate: ProbeGate;
}

export interface LedgerEntry extends TranscriptEntry {
  readonly attemptId: AttemptId;
}

/**
 * Takes a probe for one attempt to work on it: raises its epoch, so that whoever held it before can write nothing
 * more, and closes what that one left open as `indeterminate`.
 */
export async function holdProbe(tx: OrgTransaction, place: StepPlace): Promise<ProbeHold> {
  const row = await raiseEpoch(tx, place);
  if (row === undefined) return loadSettled(tx, place);
  if (row.stop_requested_at !== null || row.cleanup_begun_at !== null) return { kind: 'stopping' };
  if (row.paused_at !== null) return { kind: 'paused' };
  const held = { orgId: place.orgId, runId: place.runId, stepId: row.step_id, variantNo: row.variant_no, epoch: row.epoch };
  const project = {
    projectId: row.project_id as ProjectId,
    environment: row.environment as Environment,
    policies: toPolicies(row.policies),
  };
  return {
    kind: 'held',
    work: {
      held,
      probeId: row.probe_id as ProbeId,
      scriptSlug: row.script_slug,
      step: row.step as unknown as StepDefinition,
      style: row.style,
      strategy: row.strategy,
      seed: row.seed,
      target: row.target_definition as unknown as TargetDefinition,
      targetId: row.target_id,
      targetName: row.target_name,
      sealedAuth: row.sealed_auth,
      options: optionsOf(row),
      resumedAtMs: row.resumed_ms_ago === null ? null : Date.now() - row.resumed_ms_ago,
      session: { sessionNo: row.session_no ?? 1, sessionId: row.session_id },
      // The first attempt at a probe comes before anything that was sent for it, and before anybody was asked about it.
      attempts: row.epoch === 1 ? [] : await closeAndLoadLedger(tx, held),
      gate: { ...project, approvals: row.epoch === 1 ? [] : await loadProbeApprovals(tx, held) },
    },
  };
}

/** One statement for the fence and for all that working on the probe takes: it runs for every step of every run. */
function raiseEpoch(tx: OrgTransaction, place: StepPlace) {
  return tx
    .updateTable('probes')
    .from('runs')
    .innerJoin('targets', (join) => join.onRef('targets.org_id', '=', 'runs.org_id').onRef('targets.target_id', '=', 'runs.target_id'))
    .innerJoin('projects', (join) => join.onRef('projects.org_id', '=', 'runs.org_id').onRef('projects.project_id', '=', 'runs.project_id'))
    .leftJoin('target_sessions', (join) =>
      join
        .onRef('target_sessions.org_id', '=', 'runs.org_id')
        .onRef('target_sessions.run_id', '=', 'runs.run_id')
        .on('target_sessions.sequence_no', '=', place.sequenceNo),
    )
    .set({ epoch: sql`probes.epoch + 1` })
    .whereRef('runs.org_id', '=', 'probes.org_id')
    .whereRef('runs.run_id', '=', 'probes.run_id')
    .where('probes.org_id', '=', place.orgId)
    .where('probes.run_id', '=', place.runId)
    .where('probes.sequence_no', '=', place.sequenceNo)
    .where('probes.position', '=', place.position)
    .where('probes.outcome', 'is', null)
    .returning([
      'probes.step_id',
      'probes.variant_no',
      'probes.epoch',
      'probes.probe_id',
      'probes.script_slug',
      'probes.step',
      'probes.style',
      'probes.strategy',
      'probes.seed',
    ])
    .returning(['runs.target_id', 'runs.target_name', 'runs.target_definition', 'runs.options', 'runs.stop_requested_at'])
    .returning(['projects.project_id', 'projects.environment'])
    .returning((eb) => jsonArrayFrom(selectPolicies(tx, place.orgId, eb.ref('projects.project_id'))).as('policies'))
    .returning(['runs.adjustments', 'runs.paused_at', 'runs.cleanup_begun_at', msAgo('runs.resumed_at').as('resumed_ms_ago')])
    .returning(['targets.sealed_auth', 'target_sessions.session_id', 'target_sessions.session_no'])
    .executeTakeFirst();
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

/** Everything that was sent for a probe; what an earlier attempt left open is closed. */
async function closeAndLoadLedger(tx: OrgTransaction, held: HeldProbe): Promise<LedgerEntry[]> {
  let rows = await loadLedger(tx, held);
  if (rows.some(({ state }) => state === 'open')) {
    await closeOpen(tx, held);
    // Whoever was held to be dead may have recorded an answer between the two.
    rows = await loadLedger(tx, held);
  }
  return rows.map((row) => ({
    attemptId: row.attempt_id as AttemptId,
    conversationNo: row.conversation_no,
    exchangeNo: row.exchange_no,
    attemptNo: row.attempt_no,
    state: row.state as LedgerEntry['state'],
    prompt: row.prompt,
    answerText: row.answer_text,
    failure: row.failure as FailureName | null,
    openedAtMs: Date.now() - (row.opened_ms_ago ?? 0),
  }));
}

/** By the clock of the database: that of this process may be wrong, and is good for differences alone. */
function msAgo(column: string) {
  return sql<number | null>`(extract(epoch from clock_timestamp() - ${sql.ref(column)}) * 1000)::float8`;
}

function closeOpen(tx: OrgTransaction, held: HeldProbe) {
  return tx
    .updateTable('attempts')
    .set({ state: 'indeterminate', failure: 'indeterminate', closed_at: sql<Date>`now()` })
    .set({ failure_detail: 'The process that sent the request ended before its answer was recorded.' })
    .where((eb) => eb.and(probeKey(held)))
    .where('state', '=', 'open')
    .execute();
}

function loadLedger(tx: OrgTransaction, held: HeldProbe) {
  return tx
    .selectFrom('attempts')
    .select(['attempt_id', 'conversation_no', 'exchange_no', 'attempt_no', 'state', 'prompt', 'answer_text', 'failure'])
    .select(msAgo('opened_at').as('opened_ms_ago'))
    .where((eb) => eb.and(probeKey(held)))
    .orderBy('conversation_no')
    .orderBy('exchange_no')
    .orderBy('attempt_no')
    .execute();
}
