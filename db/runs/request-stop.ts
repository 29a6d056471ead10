import type { OrgId, RunId } from '../../domain/ids.ts';
import type { QuotaCrossing } from '../../domain/quotas.ts';
import { isTerminal, type RunStatus } from '../../domain/run-state.ts';
import type { OrgTransaction } from '../with-org.ts';
import { shutLedgers } from './shut-ledgers.ts';

export interface StopRequest {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly requestedBy: string;
  /** For the audit log, where `requestedBy` is only what somebody says of themselves. Default: `requestedBy`. */
  readonly actor?: string;
  /** The quota that stops the run, when it is not a person or machine that asks. */
  readonly quotaCrossed?: QuotaCrossing;
  /**
   * `steps` spares what a run does to clean up, `everything` leaves not even that. Default: the steps, and once the run cleans up,
   * that.
   */
  readonly reach?: 'steps' | 'everything';
}

/** `cleanup_stopping`: the run had stopped or finished, and what it did to clean up has ended as well. */
export type StopResult = 'stopping' | 'cleanup_stopping' | 'already_stopping' | 'already_ended' | 'not_found';

/**
 * Shuts the ledger of a run: once this is committed, no request of the run starts any more but those that clean up.
 *
 * The update waits for the row locks of ledger entries being made (see `openAttempt`), and those that come after it see
 * the stop. Asking again changes nothing until the run has begun to clean up: then it shuts the ledger of that as well.
 */
export async function requestStop(tx: OrgTransaction, request: StopRequest): Promise<StopResult> {
  const run = await tx
    .selectFrom('runs')
    .select(['status', 'stop_requested_at', 'cleanup_begun_at', 'cleanup_stop_requested_at'])
    .where('org_id', '=', request.orgId)
    .where('run_id', '=', request.runId)
    .forUpdate()
    .executeTakeFirst();
  if (run === undefined) return 'not_found';
  if (isTerminal(run.status as RunStatus)) return 'already_ended';
  const hasSteps = run.stop_requested_at === null && run.cleanup_begun_at === null;
  const reach = request.quotaCrossed === undefined ? request.reach : 'steps';
  const isCleanup = reach === 'everything' || (reach === undefined && run.cleanup_begun_at !== null);
  const endsCleanup = isCleanup && run.cleanup_stop_requested_at === null;
  const runIds = [request.runId];
  await shutLedgers(tx, request, { ofSteps: hasSteps ? runIds : [], ofCleanups: endsCleanup ? runIds : [] });
  if (hasSteps) return 'stopping';
  return endsCleanup ? 'cleanup_stopping' : 'already_stopping';
}
