import type { RunId } from '../../domain/ids.ts';
import { runWorkflowId } from '../../domain/ids.ts';
import { isTerminal, type RunStatus } from '../../domain/run-state.ts';
import { withOrg } from '../../db/with-org.ts';
import { loadScore } from '../../db/runs/load-score.ts';
import type { OrgId } from '../../domain/ids.ts';
import type { TemporalGateway } from '../../orchestration/connect-temporal.ts';
import type { SeenRequest } from '../fakes/scripted-agent.ts';
import { checkCleanups } from './check-cleanups.ts';
import { clockToleranceMs } from './clock-tolerance.ts';
import { isCleanup } from './cleanups.ts';
import type { TestDatabase } from './test-database.ts';

/** How the workflow of a run is to have ended; `terminated` also stands for one that timed out. */
export type WorkflowEnd = 'completed' | 'terminated';

export interface RunCheck {
  readonly db: TestDatabase;
  readonly temporal: TemporalGateway;
  readonly runId: RunId;
  /** Every request of the run that the target saw: its own log, which nothing of ours can have touched. */
  readonly seen: readonly SeenRequest[];
  /** Default: `completed`. */
  readonly workflow?: WorkflowEnd;
}

interface RunRow {
  readonly org_id: OrgId;
  readonly status: RunStatus;
  readonly is_ended: boolean;
  readonly is_idempotent: boolean;
  readonly max_attempts: number;
}

interface ProbeRow {
  readonly probe_id: string;
  readonly step_id: string;
  /** How many exchanges a probe of this step has when it is done; `null` where an attacker decides it. */
  readonly exchanges: number | null;
  readonly outcome: string | null;
  readonly attempts: readonly AttemptRow[];
}

interface AttemptRow {
  readonly attempt_id: string;
  readonly conversation_no: number;
  readonly exchange_no: number;
  readonly attempt_no: number;
  readonly state: 'open' | 'answered' | 'failed' | 'indeterminate';
  readonly was_sent: boolean | null;
  readonly opened_at_ms: number;
}

/**
 * Compares what PostgreSQL, Temporal and the target each say of a run that has ended, and lists every contradiction.
 *
 * Nothing lost, nothing doubled, nothing sent that the ledger does not know, and nothing sent twice that must not be.
 */
export async function checkRun(check: RunCheck): Promise<string[]> {
  const run = await loadRun(check);
  const probes = await loadProbes(check);
  const seen = check.seen.filter((request) => !isCleanup(request));
  return [
    ...checkEnd(run),
    ...probes.flatMap((probe) => [...checkVerdict(probe), ...checkLedger(probe, run), ...checkRequests(probe, seen)]),
    ...checkLog(seen, probes),
    ...(await checkCleanups(check)),
    ...(await checkFeed(check, probes)),
    ...(await checkTotals(check, run, probes)),
    ...(await checkWorkflow(check, run)),
  ];
}

async function loadRun({ db, runId }: RunCheck): Promise<RunRow> {
  const [run] = await db.query<RunRow>(
    `select org_id, status, ended_at is not null as is_ended, (target_definition->>'idempotent')::boolean as is_idempotent,
       (options->>'maxAttempts')::int as max_attempts from runs where run_id = $1`,
    [runId],
  );
  if (run === undefined) throw new Error(`There is no run ${runId}`);
  return run;
}

function loadProbes({ db, runId }: RunCheck): Promise<ProbeRow[]> {
  return db.query<ProbeRow>(
    `select p.probe_id, p.step_id, p.outcome, case when not p.step ? 'attacker' then coalesce(jsonb_array_length(p.step->'turns'), 1) end as exchanges, coalesce(jsonb_agg(jsonb_build_object('attempt_id', a.attempt_id, 'attempt_no', a.attempt_no,
       'conversation_no', a.conversation_no, 'exchange_no', a.exchange_no,
       'state', a.state, 'was_sent', a.was_sent, 'opened_at_ms', extract(epoch from a.opened_at) * 1000) order by a.conversation_no, a.exchange_no, a.attempt_no)
       filter (where a.attempt_id is not null), '[]') as attempts
     from probes p left join attempts a on (a.org_id, a.run_id, a.step_id, a.variant_no) = (p.org_id, p.run_id, p.step_id, p.variant_no)
     where p.run_id = $1 group by p.probe_id, p.step_id, p.step, p.outcome, p.sequence_no, p.position order by p.sequence_no, p.position`,
    [runId],
  );
}

function checkEnd(run: RunRow): string[] {
  return isTerminal(run.status) && run.is_ended ? [] : [`the run has not ended: it is ${run.status}`];
}

function checkVerdict({ step_id: step, exchanges: planned, outcome, attempts }: ProbeRow): string[] {
  const answers = attempts.filter(({ state }) => state === 'answered').length;
  const last = attempts.at(-1)?.conversation_no;
  const answered = attempts.filter((attempt) => attempt.state === 'answered' && attempt.conversation_no === last);
  const exchanges = planned ?? answered.length;
  const found: string[] = [];
  if (outcome === null) found.push(`${step} has no outcome`);
  if (answered.length > exchanges) found.push(`${step} was answered ${answered.length} times, for ${exchanges} exchanges`);
  if (outcome === 'resisted' && answered.length < exchanges)
    found.push(`${step} resisted after ${answered.length} of ${exchanges} exchanges`);
  if (answers === 0 && (outcome === 'resisted' || outcome === 'vulnerable')) found.push(`${step} is ${outcome} without an answer`);
  if (planned !== null && answered.length === planned && outcome === 'not_run') found.push(`the answer to ${step} was lost`);
  return found;
}

function checkLedger({ step_id: step, exchanges: planned, attempts }: ProbeRow, run: RunRow): string[] {
  const conversations = groupRows(attempts, ({ conversation_no: no }) => no);
  return conversations.flatMap((conversation, index) => {
    const name = conversations.length === 1 ? step : `${step} (conversation ${index + 1})`;
    const exchanges = groupRows(conversation, ({ exchange_no: no }) => no);
    const unanswered = exchanges.slice(0, -1).filter((exchange) => exchange.at(-1)?.state !== 'answered');
    return [
      ...conversation.filter((row) => row.conversation_no !== index + 1).map(() => `${name} lacks a conversation before it`),
      // An attacker withdraws turns as well.
      ...(planned === null ? [] : checkGivenUp(name, conversation, index + 1 === conversations.length)),
      ...exchanges.flatMap((exchange, turn) => checkExchange({ name, turn }, exchange, run)),
      ...unanswered.map(() => `${name} went on after a turn without an answer`),
    ];
  });
}

function groupRows(rows: readonly AttemptRow[], keyOf: (row: AttemptRow) => number): AttemptRow[][] {
  return Object.values(Object.groupBy(rows, keyOf)).flatMap((group) => (group === undefined ? [] : [group]));
}

/** A conversation is begun again only when the end of a turn is not known. */
function checkGivenUp(name: string, rows: readonly AttemptRow[], isLast: boolean): string[] {
  return isLast || rows.at(-1)?.state === 'indeterminate' ? [] : [`${name} was given up although its end was known`];
}

function checkExchange(place: { name: string; turn: number }, attempts: readonly AttemptRow[], run: RunRow): string[] {
  const { turn } = place;
  const name = turn === 0 ? place.name : `${place.name} turn ${turn + 1}`;
  const found: string[] = [];
  if (attempts.some((attempt) => attempt.exchange_no !== turn + 1)) found.push(`${name} lacks a turn before it`);
  if (attempts.length > run.max_attempts) found.push(`${name} has ${attempts.length} attempts, of ${run.max_attempts}`);
  for (const [index, attempt] of attempts.entries()) {
    if (attempt.state === 'open') found.push(`attempt ${attempt.attempt_no} of ${name} is open`);
    if (attempt.attempt_no !== index + 1) found.push(`${name} lacks attempt ${index + 1}`);
    if (index + 1 === attempts.length) continue;
    if (attempt.state === 'answered') found.push(`${name} was tried again after its answer`);
    if (attempt.state === 'indeterminate' && !run.is_idempotent) found.push(`${name} was sent again although its end was unknown`);
  }
  return found;
}

function checkRequests({ probe_id: probeId, step_id: step, attempts }: ProbeRow, seen: readonly SeenRequest[]): string[] {
  const found: string[] = [];
  const requests = seen.filter((request) => request.probeId === probeId);
  if (requests.length > attempts.length)
    found.push(`the target saw ${requests.length} requests of ${step}, the ledger has ${attempts.length}`);
  for (const attempt of attempts) {
    const arrivals = requests.filter(({ headers }) => headers['x-request-id'] === attempt.attempt_id);
    const key = `${probeId}.${attempt.conversation_no}.${attempt.exchange_no}`;
    if (arrivals.some(({ headers }) => headers['idempotency-key'] !== key))
      found.push(`attempt ${attempt.attempt_no} of ${step} was sent under another idempotency key`);
    if (arrivals.length > 1) found.push(`attempt ${attempt.attempt_no} of ${step} arrived ${arrivals.length} times`);
    if (arrivals.length === 0 && attempt.state === 'answered')
      found.push(`attempt ${attempt.attempt_no} of ${step} was answered but never arrived`);
    if (arrivals.length > 0 && attempt.was_sent === false)
      found.push(`attempt ${attempt.attempt_no} of ${step} arrived but counts as unsent`);
    if (arrivals.some(({ atMs }) => atMs + clockToleranceMs < attempt.opened_at_ms))
      found.push(`attempt ${attempt.attempt_no} of ${step} was sent before it was in the ledger`);
  }
  return found;
}

function checkLog(seen: readonly SeenRequest[], probes: readonly ProbeRow[]): string[] {
  const known = new Set(probes.flatMap(({ probe_id: probeId, attempts }) => attempts.map((attempt) => `${probeId} ${attempt.attempt_id}`)));
  return seen
    .filter(({ probeId, headers }) => !known.has(`${probeId} ${String(headers['x-request-id'])}`))
    .map(({ headers }) => `the target saw ${String(headers['x-request-id'])}, which the ledger does not know`);
}

async function checkFeed({ db, runId }: RunCheck, probes: readonly ProbeRow[]): Promise<string[]> {
  const rows = await db.query<{ seq: string; type: string; probe: string | null; outcome: string | null }>(
    `select seq, type, data->>'probeId' as probe, data->>'outcome' as outcome from run_feed where run_id = $1 order by seq`,
    [runId],
  );
  const found: string[] = [];
  if (rows.some(({ seq }, index) => Number(seq) !== index + 1)) found.push('the feed has a gap');
  if (rows.filter(({ type }) => type === 'run_ended').length !== 1 || rows.at(-1)?.type !== 'run_ended')
    found.push('the feed does not end with one run_ended');
  for (const { probe_id: probeId, step_id: step, outcome } of probes) {
    const told = rows.filter(({ type, probe }) => type === 'probe_judged' && probe === probeId).map((row) => row.outcome);
    const expected = outcome === 'not_run' ? [] : [outcome];
    if (told.join() !== expected.join()) found.push(`the feed tells [${told.join()}] of ${step}, the row ${outcome}`);
  }
  return found;
}

async function checkTotals({ db, runId }: RunCheck, run: RunRow, probes: readonly ProbeRow[]): Promise<string[]> {
  const { counts } = await withOrg(db.database, run.org_id, (tx) => loadScore(tx, run.org_id, runId));
  return Object.entries(counts)
    .filter(([outcome, count]) => count !== probes.filter((probe) => probe.outcome === outcome).length)
    .map(([outcome, count]) => `the total of ${outcome} is ${count}, which the rows do not add up to`);
}

async function checkWorkflow({ temporal, runId, workflow = 'completed' }: RunCheck, run: RunRow): Promise<string[]> {
  return temporal.call(async (client) => {
    const handle = client.workflow.getHandle(runWorkflowId(runId));
    const { status } = await handle.describe();
    if (workflow === 'terminated')
      return status.name === 'TERMINATED' || status.name === 'TIMED_OUT' ? [] : [`the workflow is ${status.name}`];
    if (status.name !== 'COMPLETED') return [`the workflow is ${status.name}`];
    const result = (await handle.result()) as { readonly status: string };
    return result.status === run.status ? [] : [`the workflow ended ${result.status}, the run ${run.status}`];
  });
}
