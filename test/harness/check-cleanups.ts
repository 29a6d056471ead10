import { maxCleanupAttempts } from '../../domain/cleanup/next-cleanup-move.ts';
import type { SeenRequest } from '../fakes/scripted-agent.ts';
import type { RunId } from '../../domain/ids.ts';
import { clockToleranceMs } from './clock-tolerance.ts';
import { isCleanup } from './cleanups.ts';
import type { TestDatabase } from './test-database.ts';

export interface CleanupCheck {
  readonly db: TestDatabase;
  readonly runId: RunId;
  /** Every request of the run that the target saw. */
  readonly seen: readonly SeenRequest[];
}

interface CleanupRow {
  readonly cleanup_id: string;
  readonly step_id: string;
  readonly state: string;
  readonly is_repeatable: boolean;
  readonly order_no: number | null;
  /** Whether the ledger of its probe has a request that may have been sent. */
  readonly was_needed: boolean;
  readonly first_sent_ms: number;
  readonly attempts: readonly AttemptRow[];
}

interface AttemptRow {
  readonly id: string;
  readonly no: number;
  readonly state: 'open' | 'answered' | 'failed' | 'indeterminate';
  readonly was_sent: boolean | null;
  readonly opened_at_ms: number;
}

/** The same of the cleanups of a run: nothing lost or doubled, nothing sent that the ledger does not know, and in their order. */
export async function checkCleanups(check: CleanupCheck): Promise<string[]> {
  const cleanups = await loadCleanups(check);
  const seen = check.seen.filter(isCleanup);
  const known = new Set(cleanups.flatMap(({ cleanup_id: id, attempts }) => attempts.map((attempt) => `${id} ${attempt.id}`)));
  const unknown = seen.filter(({ headers }) => !known.has(`${String(headers['x-ordeal-cleanup-id'])} ${String(headers['x-request-id'])}`));
  return [
    ...unknown.map(({ headers }) => `the target saw the cleanup ${String(headers['x-request-id'])}, which the ledger does not know`),
    ...cleanups.flatMap((cleanup) => [...checkState(cleanup), ...checkLedger(cleanup), ...checkRequests(cleanup, seen)]),
    ...checkOrder(cleanups),
    ...(await checkNoneMissing(check)),
  ];
}

function loadCleanups({ db, runId }: CleanupCheck): Promise<CleanupRow[]> {
  return db.query<CleanupRow>(
    `select c.cleanup_id, c.step_id, c.state, c.is_repeatable, c.order_no, sent.first_at is not null as was_needed,
       coalesce(extract(epoch from sent.first_at) * 1000, 0)::float8 as first_sent_ms,
       coalesce((select jsonb_agg(jsonb_build_object('id', a.cleanup_attempt_id, 'no', a.attempt_no, 'state', a.state, 'was_sent', a.was_sent,
         'opened_at_ms', extract(epoch from a.opened_at) * 1000) order by a.attempt_no)
         from cleanup_attempts a where a.org_id = c.org_id and a.cleanup_id = c.cleanup_id), '[]') as attempts
     from cleanups c left join lateral (select min(p.opened_at) as first_at from attempts p
       where p.org_id = c.org_id and p.cleanup_id = c.cleanup_id and p.was_sent is distinct from false) sent on true
     where c.run_id = $1 order by c.order_no nulls last`,
    [runId],
  );
}

function checkState({ step_id: step, state, was_needed: wasNeeded, is_repeatable: isRepeatable, attempts }: CleanupRow): string[] {
  const last = attempts.at(-1)?.state;
  const found: string[] = [];
  if (state === 'armed' || state === 'pending') found.push(`the cleanup of ${step} is ${state} although the run has ended`);
  if (wasNeeded === (state === 'not_needed')) found.push(`the cleanup of ${step} is ${state}, and ${wasNeeded ? 'was' : 'was not'} needed`);
  if ((state === 'cleaned') !== (last === 'answered'))
    found.push(`the cleanup of ${step} is ${state}, its last request ${last ?? 'was never made'}`);
  if (state === 'indeterminate' && last !== 'indeterminate')
    found.push(`the cleanup of ${step} is indeterminate, its last request ${last ?? 'was never made'}`);
  if (state === 'failed' && last === 'indeterminate' && !isRepeatable) found.push(`the cleanup of ${step} failed, and nobody knows that`);
  return found;
}

function checkLedger({ step_id: step, is_repeatable: isRepeatable, attempts }: CleanupRow): string[] {
  const found: string[] = [];
  if (attempts.length > maxCleanupAttempts) found.push(`the cleanup of ${step} has ${attempts.length} attempts`);
  for (const [index, attempt] of attempts.entries()) {
    if (attempt.state === 'open') found.push(`attempt ${attempt.no} at the cleanup of ${step} is open`);
    if (attempt.no !== index + 1) found.push(`the cleanup of ${step} lacks attempt ${index + 1}`);
    if (index + 1 === attempts.length) continue;
    if (attempt.state === 'answered') found.push(`the cleanup of ${step} was tried again after its answer`);
    if (attempt.state === 'indeterminate' && !isRepeatable)
      found.push(`the cleanup of ${step} was sent again although its end was unknown`);
  }
  return found;
}

function checkRequests({ cleanup_id: id, step_id: step, attempts }: CleanupRow, seen: readonly SeenRequest[]): string[] {
  const found: string[] = [];
  const requests = seen.filter(({ headers }) => headers['x-ordeal-cleanup-id'] === id);
  if (requests.some(({ headers }) => headers['idempotency-key'] !== id))
    found.push(`the cleanup of ${step} came under another idempotency key`);
  for (const attempt of attempts) {
    const arrivals = requests.filter(({ headers }) => headers['x-request-id'] === attempt.id);
    const name = `attempt ${attempt.no} at the cleanup of ${step}`;
    if (arrivals.length > 1) found.push(`${name} arrived ${arrivals.length} times`);
    if (arrivals.length === 0 && attempt.state === 'answered') found.push(`${name} was answered but never arrived`);
    if (arrivals.length > 0 && attempt.was_sent === false) found.push(`${name} arrived but counts as unsent`);
    if (arrivals.some(({ atMs }) => atMs + clockToleranceMs < attempt.opened_at_ms))
      found.push(`${name} was sent before it was in the ledger`);
  }
  return found;
}

/** By the ledger of the probes: what was sent last is cleaned up first, and nothing before what comes before it is settled. */
function checkOrder(cleanups: readonly CleanupRow[]): string[] {
  const ordered = cleanups.filter(({ order_no: no }) => no !== null);
  return ordered.flatMap((cleanup, index) => {
    const before = ordered[index - 1];
    if (before === undefined) return [];
    const name = `the cleanup of ${cleanup.step_id} is in the wrong place after that of ${before.step_id}`;
    const isTooEarly = (cleanup.attempts[0]?.opened_at_ms ?? Infinity) < (before.attempts.at(-1)?.opened_at_ms ?? 0);
    return cleanup.first_sent_ms > before.first_sent_ms || isTooEarly ? [name] : [];
  });
}

/** Whatever was sent of a step that has something to clean up has armed it. */
async function checkNoneMissing({ db, runId }: CleanupCheck): Promise<string[]> {
  const rows = await db.query<{ attempt_id: string; step_id: string }>(
    `select a.attempt_id, a.step_id from attempts a
       join probes p on (p.org_id, p.run_id, p.step_id, p.variant_no) = (a.org_id, a.run_id, a.step_id, a.variant_no)
     where a.run_id = $1 and p.step ? 'cleanup' and a.cleanup_id is null and a.was_sent is distinct from false`,
    [runId],
  );
  return rows.map(({ attempt_id: id, step_id: step }) => `the request ${id} of ${step} was sent without its cleanup in the ledger`);
}
