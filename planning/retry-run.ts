import type { DeadLetterFilter } from '../db/dead-letters/dead-letters.ts';
import { lockRetrySource, lockRetrySources, type RetrySource } from '../db/dead-letters/lock-retry-sources.ts';
import { insertAudit } from '../db/insert-audit.ts';
import { insertRetry } from '../db/runs/insert-retry.ts';
import { findTarget } from '../db/targets/find-target.ts';
import { loadLimits } from '../db/usage/load-limits.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import type { OrgId, RunId } from '../domain/ids.ts';
import { requireFound } from '../domain/require-found.ts';
import { newId } from '../runtime/new-id.ts';
import { requireConfirmations, requireNoHalt } from './require-start.ts';

export interface Retrier {
  readonly orgId: OrgId;
  /** In whose name the new runs are: the id of an API key. */
  readonly actor: string;
  readonly requestId?: string;
  /** The operator's cap on the duration of a run. */
  readonly maxDurationMinutes: number;
}

/**
 * Plans a run of the undecided probes of an ended one. Throws `conflict` for a run that is live or has nothing to retry, and
 * what `planRun` throws; the transaction is then to be undone.
 */
export async function retryRun(tx: OrgTransaction, retrier: Retrier, runId: RunId): Promise<RunId> {
  const source = requireFound(await lockRetrySource(tx, retrier.orgId, runId), 'run', runId);
  if (!source.hasEnded) throw new OrdealError('conflict', `Run ${runId} has not ended. Retry it then, or stop it first.`);
  const retried = await planRetry(tx, retrier, { source, filter: {} });
  await requireNoHalt(tx, retrier.orgId);
  if (retried !== undefined) return retried;
  throw new OrdealError(
    'conflict',
    `Run ${runId} has nothing to retry: each probe has a verdict, or was retried already. GET /api/dead-letters has what is left of retries.`,
  );
}

/** Plans one run for each of the newest runs with dead letters that match: all of them, or none. Throws what `planRun` throws. */
export async function retryDeadLetters(
  tx: OrgTransaction,
  retrier: Retrier,
  { filter, maxRuns }: { readonly filter: DeadLetterFilter; readonly maxRuns: number },
): Promise<{ readonly runIds: readonly RunId[]; readonly hasMore: boolean }> {
  const sources = await lockRetrySources(tx, retrier.orgId, { filter, maxRuns: maxRuns + 1 });
  const runIds: RunId[] = [];
  for (const source of sources.slice(0, maxRuns)) {
    const runId = await planRetry(tx, retrier, { source, filter });
    if (runId !== undefined) runIds.push(runId);
  }
  if (runIds.length > 0) await requireNoHalt(tx, retrier.orgId);
  return { runIds, hasMore: sources.length > maxRuns };
}

/** Against the target as it is now: it may be what was mended. Undefined when there is nothing to retry. */
async function planRetry(
  tx: OrgTransaction,
  { orgId, actor, requestId, maxDurationMinutes }: Retrier,
  { source, filter }: { readonly source: RetrySource; readonly filter: DeadLetterFilter },
): Promise<RunId | undefined> {
  const target = requireFound(await findTarget(tx, orgId, source.targetId), 'target', source.targetId);
  const guard = await requireConfirmations(tx, orgId, source.projectId);
  const { limits } = await loadLimits(tx, orgId);
  const minutes = Math.min(source.options.maxDurationMinutes, maxDurationMinutes, limits.runMinutes ?? Infinity);
  const runId = newId('run');
  const probes = await insertRetry(tx, {
    orgId,
    runId,
    projectId: source.projectId,
    target,
    priority: source.priority,
    options: { ...source.options, maxDurationMinutes: minutes },
    guard,
    requestedBy: actor,
    source,
    filter,
    newProbeId: () => newId('probe'),
  });
  if (probes === 0) return undefined;
  const detail = { retryOf: source.runId, projectId: source.projectId, targetId: target.targetId, probes };
  await insertAudit(tx, { orgId, actor, requestId, action: 'run.retry', objectType: 'run', objectId: runId, detail });
  return runId;
}
