import { sql } from 'kysely';

import type { OrgTransaction } from '../with-org.ts';
import type { HeldProbe } from './step-key.ts';

/** Begins the wait of a probe, or finds the one that was begun: how long it has lasted, by the clock of the database. */
export async function beginWait(tx: OrgTransaction, held: HeldProbe): Promise<number> {
  const row = await tx
    .updateTable('probes')
    .set({ waiting_since: sql<Date>`coalesce(waiting_since, now())` })
    .where('org_id', '=', held.orgId)
    .where('run_id', '=', held.runId)
    .where('step_id', '=', held.stepId)
    .where('variant_no', '=', held.variantNo)
    .returning(sql<number>`(extract(epoch from now() - waiting_since) * 1000)::float8`.as('elapsed_ms'))
    .executeTakeFirstOrThrow();
  return row.elapsed_ms;
}
