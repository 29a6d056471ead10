import { sql } from 'kysely';

import type { OrgTransaction } from '../with-org.ts';
import { probeKey, type HeldProbe } from './step-key.ts';

/** Begins the wait of a probe, or finds the one that was begun: how long it has lasted, by the clock of the database. */
export async function beginWait(tx: OrgTransaction, held: HeldProbe): Promise<number> {
  const row = await tx
    .updateTable('probes')
    .set({ waiting_since: sql<Date>`coalesce(waiting_since, now())` })
    .where((eb) => eb.and(probeKey(held)))
    .returning(sql<number>`(extract(epoch from now() - waiting_since) * 1000)::float8`.as('elapsed_ms'))
    .executeTakeFirstOrThrow();
  return row.elapsed_ms;
}
