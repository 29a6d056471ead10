import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import type { QuotaCrossing } from '../../domain/quotas.ts';
import { isTerminal, type RunStatus } from '../../domain/run-state.ts';
import { cancelApprovals } from '../approvals/end-approval.ts';
import type { OrgTransaction } from '../with-org.ts';
import { appendToFeed } from './append-to-feed.ts';

export interface StopRequest {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly requestedBy: string;
  /** For the audit log, where `requestedBy` is only what somebody says of themselves. Default: `requestedBy`. */
  readonly actor?: string;
  /** The quota that stops the run, when it is not a person or machine that asks. */
  readonly quotaCrossed?: QuotaCrossing;
}

export type StopResult = 'stopping' | 'already_stopping' | 'already_ended' | 'not_found';

/**
 * Shuts the ledger of a run: once this is committed, no request of the run starts any more.
 *
 * The update waits for the row locks of ledger entries being made (see `openAttempt`), and those that come after it see
 * the stop. Asking again changes nothing.
 */
export async function requestStop(tx: OrgTransaction, request: StopRequest): Promise<StopResult> {
  const run = await tx
    .selectFrom('runs')
    .select(['status', 'stop_requested_at'])
    .where('org_id', '=', request.orgId)
    .where('run_id', '=', request.runId)
    .forUpdate()
    .executeTakeFirst();
  if (run === undefined) return 'not_found';
  if (isTerminal(run.status as RunStatus)) return 'already_ended';
  if (run.stop_requested_at !== null) return 'already_stopping';
  await tx
    .updateTable('runs')
    .set({ stop_requested_at: sql<Date>`now()`, stop_requested_by: request.requestedBy })
    .$if(request.quotaCrossed !== undefined, (update) => update.set({ quota_crossed: JSON.stringify(request.quotaCrossed) }))
    .where('org_id', '=', request.orgId)
    .where('run_id', '=', request.runId)
    .execute();
  await cancelApprovals(tx, request, request.requestedBy);
  await appendToFeed(tx, request, { type: 'stop_requested', data: { by: request.requestedBy } });
  return 'stopping';
}
