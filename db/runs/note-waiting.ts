import { sql } from 'kysely';

import type { OrgTransaction } from '../with-org.ts';
import type { RunKey } from './step-key.ts';

/** Marks a run as one that does nothing but wait for people. From now on its time stands still. */
export async function stopClock(tx: OrgTransaction, { orgId, runId }: RunKey): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ status: 'awaiting_approval', awaiting_since: sql<Date>`now()` })
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('status', '=', 'running')
    .execute();
}

/** Ends the wait, if there is one, and gives the run the time back that it took. */
export async function startClock(tx: OrgTransaction, { orgId, runId }: RunKey): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ status: 'running', deadline_at: sql<Date>`deadline_at + (now() - awaiting_since)`, awaiting_since: null })
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('status', '=', 'awaiting_approval')
    .execute();
}
