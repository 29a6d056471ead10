import pg from 'pg';

import type { TestDatabase } from './test-database.ts';

/** Runs a statement that locks something, in a transaction of its own; the result lets go. */
export async function holdLock({ adminUrl }: TestDatabase, statement: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(`begin; ${statement}`);
  return async () => {
    await client.query('commit');
    await client.end();
  };
}

/** How many statements wait for a lock in the database. */
export async function waitingForLock(db: TestDatabase): Promise<number> {
  const rows = await db.query("select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
  return rows.length;
}
