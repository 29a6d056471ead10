import type { OrgId, RunId } from '../../domain/ids.ts';
import { liveRunStatuses } from '../../domain/run-state.ts';
import type { OrgTransaction } from '../with-org.ts';

export async function isRunLive(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<boolean> {
  const row = await tx
    .selectFrom('runs')
    .select('run_id')
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('status', 'in', [...liveRunStatuses])
    .executeTakeFirst();
  return row !== undefined;
}
