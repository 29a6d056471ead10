import { sql } from 'kysely';

import type { FailureName } from '../../domain/failures.ts';
import type { CleanupAttemptId } from '../../domain/ids.ts';
import type { TargetRequest } from '../../domain/target-request.ts';
import type { ReceivedResponse } from '../runs/ledger.ts';
import type { OrgTransaction } from '../with-org.ts';
import type { HeldCleanup } from './hold-cleanup.ts';

/** A request of a cleanup as it is about to be sent, without any credential. */
export interface CleanupRequest {
  readonly attemptId: CleanupAttemptId;
  readonly attemptNo: number;
  readonly request: TargetRequest;
  readonly requestHash: string;
}

/** How a request of a cleanup ended; `response` where there was any. */
export interface CleanupRequestEnd {
  readonly state: 'answered' | 'failed' | 'indeterminate';
  readonly wasSent: boolean;
  readonly failure: FailureName | null;
  readonly detail: string | null;
  readonly retryAfterSeconds: number | null;
  readonly latencyMs: number;
  readonly response: ReceivedResponse | null;
}

export type OpenedCleanup = 'opened' | 'stopping' | 'fenced';

/**
 * Writes the ledger row that must be committed before the first byte of a cleanup is sent. As in `openAttempt`, the share lock on
 * the run makes a stop wait for it; here it is the stop of the cleanup that counts.
 */
export async function openCleanupAttempt(tx: OrgTransaction, held: HeldCleanup, request: CleanupRequest): Promise<OpenedCleanup> {
  const row = await tx
    .selectFrom('cleanups')
    .innerJoin('runs', (join) => join.onRef('runs.org_id', '=', 'cleanups.org_id').onRef('runs.run_id', '=', 'cleanups.run_id'))
    .select(['runs.cleanup_stop_requested_at', 'runs.ended_at', 'cleanups.epoch', 'cleanups.settled_at'])
    .where('cleanups.org_id', '=', held.orgId)
    .where('cleanups.cleanup_id', '=', held.cleanupId)
    .forShare('runs')
    .executeTakeFirstOrThrow();
  if (row.cleanup_stop_requested_at !== null || row.ended_at !== null) return 'stopping';
  if (row.epoch !== held.epoch || row.settled_at !== null) return 'fenced';
  return (await insertAttempt(tx, held, request)) ? 'opened' : 'fenced';
}

/** Records a request that never left: it counts as an attempt, and its end is known at once. */
export async function recordUnsentCleanup(
  tx: OrgTransaction,
  held: HeldCleanup,
  { request, end }: { readonly request: CleanupRequest; readonly end: CleanupRequestEnd },
): Promise<boolean> {
  if (!(await isHeld(tx, held)) || !(await insertAttempt(tx, held, request))) return false;
  return closeCleanupAttempt(tx, held, { attemptId: request.attemptId, ...end });
}

/** Records the end of a request; false when a later attempt has closed the row already. */
export async function closeCleanupAttempt(
  tx: OrgTransaction,
  held: HeldCleanup,
  end: CleanupRequestEnd & { readonly attemptId: CleanupAttemptId },
): Promise<boolean> {
  const result = await tx
    .updateTable('cleanup_attempts')
    .set({
      state: end.state,
      was_sent: end.wasSent,
      failure: end.failure,
      failure_detail: end.detail?.slice(0, 1_000) ?? null,
      retry_after_seconds: end.retryAfterSeconds === null ? null : Math.ceil(end.retryAfterSeconds),
      response_status: end.response?.status ?? null,
      response_headers: end.response === null ? null : JSON.stringify(end.response.headers),
      response_body: end.response === null ? null : Buffer.from(end.response.body),
      latency_ms: Math.round(end.latencyMs),
      closed_at: sql<Date>`now()`,
    })
    .where('org_id', '=', held.orgId)
    .where('cleanup_attempt_id', '=', end.attemptId)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n || isClosedAs(tx, held, end);
}

/** True when this very write was made before, and only its acknowledgement was lost. */
async function isClosedAs(tx: OrgTransaction, held: HeldCleanup, closed: { attemptId: CleanupAttemptId; state: string }): Promise<boolean> {
  const row = await tx
    .selectFrom('cleanup_attempts')
    .select('cleanup_attempt_id')
    .where('org_id', '=', held.orgId)
    .where('cleanup_attempt_id', '=', closed.attemptId)
    .where('epoch', '=', held.epoch)
    .where('state', '=', closed.state)
    .where('was_sent', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}

async function isHeld(tx: OrgTransaction, held: HeldCleanup): Promise<boolean> {
  const row = await tx
    .selectFrom('cleanups')
    .select('cleanup_id')
    .where('org_id', '=', held.orgId)
    .where('cleanup_id', '=', held.cleanupId)
    .where('epoch', '=', held.epoch)
    .where('settled_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** False when another attempt has this number; true when it was this one, whose commit was not heard of. */
async function insertAttempt(tx: OrgTransaction, held: HeldCleanup, { attemptId, attemptNo, ...sent }: CleanupRequest): Promise<boolean> {
  const { method, url, headers, body } = sent.request;
  const inserted = await tx
    .insertInto('cleanup_attempts')
    .values({
      org_id: held.orgId,
      cleanup_attempt_id: attemptId,
      cleanup_id: held.cleanupId,
      run_id: held.runId,
      attempt_no: attemptNo,
      epoch: held.epoch,
      request_method: method,
      request_url: url,
      request_headers: JSON.stringify(headers),
      request_body: body ?? null,
      request_hash: sent.requestHash,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('cleanup_attempt_id')
    .executeTakeFirst();
  if (inserted !== undefined) return true;
  const own = await tx
    .selectFrom('cleanup_attempts')
    .select('cleanup_attempt_id')
    .where('org_id', '=', held.orgId)
    .where('cleanup_attempt_id', '=', attemptId)
    .executeTakeFirst();
  return own !== undefined;
}
