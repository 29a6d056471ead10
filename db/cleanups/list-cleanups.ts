import { sql } from 'kysely';

import type { Cleanup } from '../../contracts/cleanup.ts';
import type { CleanupState } from '../../domain/cleanup/cleanup.ts';
import type { FailureName } from '../../domain/failures.ts';
import type { CleanupAttemptId, CleanupId, OrgId, ProbeId, RunId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { cleanupsOfRun } from './cleanups-of-run.ts';

export interface CleanupKey {
  /** Of what has no place in the order: behind all that has. */
  readonly orderNo: number;
  readonly cleanupId: string;
}

export interface CleanupPage {
  readonly runId: RunId;
  readonly after: CleanupKey | undefined;
  readonly rows: number;
}

const place = sql<number>`coalesce(c.order_no, 2147483647)`;

/** The cleanups of a run in their order, with their ledger. */
export async function listCleanups(tx: OrgTransaction, orgId: OrgId, page: CleanupPage): Promise<(Cleanup & { readonly place: number })[]> {
  let query = cleanupsOfRun(tx, orgId, page.runId)
    .select(['c.order_no', 'c.armed_at', 'c.settled_at'])
    .select(['c.request_method', 'c.request_url', 'c.request_body', 'c.request_hash', place.as('place')]);
  if (page.after !== undefined)
    query = query.where(sql<boolean>`(${place}, c.cleanup_id) > (${page.after.orderNo}::int, ${page.after.cleanupId}::text)`);
  const rows = await query.orderBy(place).orderBy('c.cleanup_id').limit(page.rows).execute();
  const attempts = await loadAttempts(
    tx,
    orgId,
    rows.map((row) => row.cleanup_id),
  );
  return rows.map((row) => ({
    cleanupId: row.cleanup_id as CleanupId,
    probeId: row.probe_id as ProbeId,
    stepId: row.step_id,
    stepTitle: row.title,
    state: row.state as CleanupState,
    orderNo: row.order_no,
    failure: row.failure as FailureName | null,
    detail: row.detail,
    method: row.request_method,
    url: row.request_url,
    body: row.request_body,
    requestHash: row.request_hash,
    armedAt: row.armed_at.toISOString(),
    settledAt: row.settled_at?.toISOString() ?? null,
    attempts: attempts.get(row.cleanup_id) ?? [],
    place: row.place,
  }));
}

async function loadAttempts(tx: OrgTransaction, orgId: OrgId, cleanupIds: readonly string[]): Promise<Map<string, Cleanup['attempts']>> {
  if (cleanupIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom('cleanup_attempts')
    .select(['cleanup_id', 'cleanup_attempt_id', 'attempt_no', 'state', 'was_sent', 'failure', 'failure_detail', 'response_status'])
    .select(['opened_at', 'closed_at'])
    .where('org_id', '=', orgId)
    .where('cleanup_id', 'in', cleanupIds)
    .orderBy('attempt_no')
    .execute();
  const byCleanup = Map.groupBy(rows, (row) => row.cleanup_id);
  return new Map(
    [...byCleanup].map(([cleanupId, own]) => [
      cleanupId,
      own.map((row) => ({
        attemptId: row.cleanup_attempt_id as CleanupAttemptId,
        attemptNo: row.attempt_no,
        state: row.state as Cleanup['attempts'][number]['state'],
        wasSent: row.was_sent,
        failure: row.failure as FailureName | null,
        detail: row.failure_detail,
        status: row.response_status,
        openedAt: row.opened_at.toISOString(),
        closedAt: row.closed_at?.toISOString() ?? null,
      })),
    ]),
  );
}
