import { sql } from 'kysely';

import type { AttemptId, CleanupId } from '../../domain/ids.ts';
import type { FailureName } from '../../domain/failures.ts';
import type { RecordedToolCall } from '../../domain/requested-tool-call.ts';
import { armCleanup, type ArmedCleanup } from '../cleanups/arm-cleanup.ts';
import type { OrgTransaction } from '../with-org.ts';
import { isHeld } from './is-held.ts';
import { probeKey, type HeldProbe } from './step-key.ts';

/** A request as it is about to be sent, without any credential. */
export interface LedgerRequest {
  readonly attemptId: AttemptId;
  readonly conversationNo: number;
  readonly exchangeNo: number;
  readonly attemptNo: number;
  /** The session that this request opens in place of an earlier one; `null` when it goes on in the session that there is. */
  readonly freshSession: TargetSession | null;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** What an approval is bound to: see `payloadHash` in `activities/step-request.ts`. */
  readonly payloadHash: string;
  /** What is said to the agent; `null` for a request that says nothing to it, such as an upload. */
  readonly prompt: string | null;
  /** What takes back what it leaves behind; `null` where nothing has to. */
  readonly cleanup: ArmedCleanup | null;
}

/** The session of a script instance with the target, counted from 1. */
export interface TargetSession {
  readonly sequenceNo: number;
  readonly sessionNo: number;
}

export interface ReceivedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded bytes, as received. */
  readonly body: Uint8Array;
}

export interface ReceivedAnswer extends ReceivedResponse {
  readonly answerText: string | null;
  /** Tool calls that the answer asks for; `null` where it is not the answer that tells of them. */
  readonly toolCalls: readonly RecordedToolCall[] | null;
  readonly latencyMs: number;
}

export interface FailedRequest {
  readonly state: 'failed' | 'indeterminate';
  readonly failure: FailureName;
  readonly detail: string;
  readonly wasSent: boolean;
  readonly retryAfterSeconds: number | null;
  readonly latencyMs: number;
  readonly answer: ReceivedResponse | null;
}

export type OpenedAttempt = 'opened' | 'stopping' | 'paused' | 'fenced';

/**
 * Writes the ledger row that must be committed before the first byte of a request is sent.
 *
 * - `stopping`: the run was stopped, or cleans up already; nothing may be sent. The share lock on the run makes a stop wait for this
 *   transaction, so whatever is sent after an acknowledged stop was in the ledger before it.
 * - `paused`: the same for the time being.
 * - `fenced`: another attempt holds the probe. Where two pass the check of the epoch at the same time, the unique number
 *   of the attempt at an exchange lets one of them through.
 *
 * What needs an approval that does not stand, or stands for something else, makes the insert fail (see `require_approval`).
 */
export async function openAttempt(tx: OrgTransaction, held: HeldProbe, request: LedgerRequest): Promise<OpenedAttempt> {
  const row = await tx
    .selectFrom('probes')
    .innerJoin('runs', (join) => join.onRef('runs.org_id', '=', 'probes.org_id').onRef('runs.run_id', '=', 'probes.run_id'))
    .select(['runs.stop_requested_at', 'runs.cleanup_begun_at', 'runs.paused_at', 'probes.epoch', 'probes.outcome'])
    .where('probes.org_id', '=', held.orgId)
    .where('probes.run_id', '=', held.runId)
    .where('probes.step_id', '=', held.stepId)
    .where('probes.variant_no', '=', held.variantNo)
    .forShare('runs')
    .executeTakeFirstOrThrow();
  if (row.stop_requested_at !== null || row.cleanup_begun_at !== null) return 'stopping';
  if (row.paused_at !== null) return 'paused';
  if (row.epoch !== held.epoch || row.outcome !== null) return 'fenced';
  const cleanupId = request.cleanup === null ? null : await armCleanup(tx, held, request.cleanup);
  return (await insertAttempt(tx, held, { ...request, cleanupId })) ? 'opened' : 'fenced';
}

/** Records a request that never left: it counts as an attempt, and its end is known at once. */
export async function recordUnsentAttempt(
  tx: OrgTransaction,
  held: HeldProbe,
  end: { readonly request: LedgerRequest; readonly failed: FailedRequest },
): Promise<boolean> {
  if (!(await isHeld(tx, held))) return false;
  if (!(await insertAttempt(tx, held, { ...end.request, cleanupId: null }))) return false;
  return closeAsFailed(tx, held, { attemptId: end.request.attemptId, ...end.failed });
}

/** Records a whole HTTP answer; false when a later attempt has closed the row already. */
export async function closeAsAnswered(
  tx: OrgTransaction,
  held: HeldProbe,
  answer: ReceivedAnswer & { readonly attemptId: AttemptId },
): Promise<boolean> {
  const result = await tx
    .updateTable('attempts')
    .set({
      state: 'answered',
      was_sent: true,
      response_status: answer.status,
      response_headers: JSON.stringify(answer.headers),
      response_body: Buffer.from(answer.body),
      answer_text: answer.answerText,
      tool_calls: answer.toolCalls === null ? null : JSON.stringify(answer.toolCalls),
      latency_ms: Math.round(answer.latencyMs),
      closed_at: sql<Date>`now()`,
    })
    .where('org_id', '=', held.orgId)
    .where('attempt_id', '=', answer.attemptId)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n || isClosedAs(tx, held, { attemptId: answer.attemptId, state: 'answered' });
}

/** Records why a request brought no answer to judge; false when a later attempt has closed the row already. */
export async function closeAsFailed(
  tx: OrgTransaction,
  held: HeldProbe,
  end: FailedRequest & { readonly attemptId: AttemptId },
): Promise<boolean> {
  const result = await tx
    .updateTable('attempts')
    .set({
      state: end.state,
      was_sent: end.wasSent,
      failure: end.failure,
      failure_detail: end.detail.slice(0, 1_000),
      retry_after_seconds: end.retryAfterSeconds === null ? null : Math.ceil(end.retryAfterSeconds),
      response_status: end.answer?.status ?? null,
      response_headers: end.answer === null ? null : JSON.stringify(end.answer.headers),
      response_body: end.answer === null ? null : Buffer.from(end.answer.body),
      latency_ms: Math.round(end.latencyMs),
      closed_at: sql<Date>`now()`,
    })
    .where('org_id', '=', held.orgId)
    .where('attempt_id', '=', end.attemptId)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n || isClosedAs(tx, held, end);
}

/** True when this very write was made before, and only its acknowledgement was lost. */
async function isClosedAs(tx: OrgTransaction, held: HeldProbe, closed: { attemptId: AttemptId; state: string }): Promise<boolean> {
  const row = await tx
    .selectFrom('attempts')
    .select('attempt_id')
    .where('org_id', '=', held.orgId)
    .where('attempt_id', '=', closed.attemptId)
    .where('epoch', '=', held.epoch)
    .where('state', '=', closed.state)
    .where('was_sent', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Remembers the session id that a target gave, for what follows in the same script instance; the first one holds. */
export async function rememberSession(
  tx: OrgTransaction,
  held: HeldProbe,
  session: TargetSession & { readonly sessionId: string },
): Promise<void> {
  await tx
    .insertInto('target_sessions')
    .values({ ...sessionKey(held, session), session_id: session.sessionId })
    .onConflict((conflict) =>
      conflict
        .columns(['org_id', 'run_id', 'sequence_no'])
        .doUpdateSet({ session_id: session.sessionId })
        .where('target_sessions.session_no', '=', session.sessionNo)
        .where('target_sessions.session_id', 'is', null),
    )
    .execute();
}

/** From now on the script instance uses this session, whose id with the target is not known yet. */
async function openFreshSession(tx: OrgTransaction, held: HeldProbe, session: TargetSession): Promise<void> {
  await tx
    .insertInto('target_sessions')
    .values(sessionKey(held, session))
    .onConflict((conflict) =>
      conflict
        .columns(['org_id', 'run_id', 'sequence_no'])
        .doUpdateSet({ session_no: session.sessionNo, session_id: null })
        .where('target_sessions.session_no', '<', session.sessionNo),
    )
    .execute();
}

function sessionKey(held: HeldProbe, session: TargetSession) {
  return { org_id: held.orgId, run_id: held.runId, sequence_no: session.sequenceNo, session_no: session.sessionNo };
}

/**
 * False when another attempt has this number. Doing it again with the same id changes nothing and is true: the
 * acknowledgement of a commit may have been lost.
 */
async function insertAttempt(
  tx: OrgTransaction,
  held: HeldProbe,
  request: LedgerRequest & { readonly cleanupId: CleanupId | null },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('attempts')
    .values({
      ...probeKey(held),
      attempt_id: request.attemptId,
      conversation_no: request.conversationNo,
      exchange_no: request.exchangeNo,
      attempt_no: request.attemptNo,
      epoch: held.epoch,
      request_method: request.method,
      request_url: request.url,
      request_headers: JSON.stringify(request.headers),
      request_body: request.body,
      payload_hash: request.payloadHash,
      prompt: request.prompt,
      cleanup_id: request.cleanupId,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('attempt_id')
    .executeTakeFirst();
  if (inserted !== undefined) {
    if (request.freshSession !== null) await openFreshSession(tx, held, request.freshSession);
    return true;
  }
  const own = await tx
    .selectFrom('attempts')
    .select('attempt_id')
    .where('org_id', '=', held.orgId)
    .where('attempt_id', '=', request.attemptId)
    .executeTakeFirst();
  return own !== undefined;
}
