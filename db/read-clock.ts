import { sql } from 'kysely';

import type { OrgTransaction } from './with-org.ts';

/** What time it is by the one clock that all processes share: the database's. */
export async function readClock(tx: OrgTransaction): Promise<Date> {
  const { now } = await tx.selectNoFrom(sql<Date>`clock_timestamp()`.as('now')).executeTakeFirstOrThrow();
  return now;
}
