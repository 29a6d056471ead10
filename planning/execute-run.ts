import { insertAudit } from '../db/insert-audit.ts';
import { lockHold, releaseHold } from '../db/runs/held-runs.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import type { OrgId, RunId } from '../domain/ids.ts';
import { requireFound } from '../domain/require-found.ts';
import { requireConfirmations, requireNoHalt } from './require-start.ts';

export interface Execution {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly actor: string;
  readonly requestId?: string;
}

/**
 * Lets a held run start, exactly as it was planned; false when it was executed before. Throws `conflict` when it is over, and
 * what a start throws: `production_unconfirmed`, `quota_exceeded`, `halted`; the transaction is then to be undone.
 */
export async function executeRun(tx: OrgTransaction, { orgId, runId, actor, requestId }: Execution): Promise<boolean> {
  const { projectId, hold, isTargetSame } = requireFound(await lockHold(tx, { orgId, runId }), 'run', runId);
  if (hold === 'released') return false;
  if (hold === 'over') throw new OrdealError('conflict', `Run ${runId} was held for too long, or was stopped. Plan it again.`);
  const guard = await requireConfirmations(tx, orgId, projectId);
  if (guard.environment === 'production' && !isTargetSame) {
    throw new OrdealError(
      'conflict',
      `The target of run ${runId} was changed after the run was planned: what is confirmed now is not what it would ask. Plan it again.`,
    );
  }
  await releaseHold(tx, { orgId, runId, guard, executedBy: actor });
  await insertAudit(tx, { orgId, actor, requestId, action: 'run.execute', objectType: 'run', objectId: runId });
  await requireNoHalt(tx, orgId);
  return true;
}
