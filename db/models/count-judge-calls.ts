import { sql } from 'kysely';

import { probeKey, type HeldProbe } from '../runs/step-key.ts';
import type { OrgTransaction } from '../with-org.ts';

/** How often the judge's chain was asked for a probe, whatever came of it. */
export async function countJudgeCalls(tx: OrgTransaction, held: HeldProbe): Promise<number> {
  const row = await tx
    .selectFrom('model_calls')
    .select(sql<number>`count(*)::int`.as('count'))
    .where((eb) => eb.and(probeKey(held)))
    .where('purpose', '=', 'judge')
    .where('position', '=', 1)
    .executeTakeFirstOrThrow();
  return row.count;
}
