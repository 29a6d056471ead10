import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { closeDatabase, openDatabase } from '../../db/open-database.ts';
import type { TenantDatabase } from '../../db/tenant-database.ts';
import { withOrg, type OrgTransaction } from '../../db/with-org.ts';
import { createTenant, type TestTenant } from '../harness/plan-run.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';

let db: TestDatabase;
let impatient: TenantDatabase;
let tenant: TestTenant;

beforeAll(async () => {
  db = await createTestDatabase();
  impatient = openDatabase({ url: db.url, statementTimeoutMs: 2_000, onIdleError: () => undefined });
  tenant = await createTenant(db.database);
});
afterAll(async () => {
  await closeDatabase(impatient);
  await db.drop();
});

const busy = { failure: 'database_unavailable', message: 'PostgreSQL could not do this in time. Nothing was lost: try again.' };

describe('a database that is too busy says that it can be tried again, and not that Ordeal is broken', () => {
  it('when a statement takes too long', async () => {
    const sleeping = withOrg(impatient, tenant.orgId, (tx) => sql`select pg_sleep(10)`.execute(tx));
    await expect(sleeping).rejects.toMatchObject(busy);
  });

  it('when two transactions wait for each other: one goes on, and the other is told', async () => {
    const locks = [1, 2];
    const take = (tx: OrgTransaction, lock: number | undefined) => sql`select pg_advisory_xact_lock(${lock}::bigint)`.execute(tx);
    let arrived = 0;
    const both = async (order: readonly number[]): Promise<string> => {
      await withOrg(db.database, tenant.orgId, async (tx) => {
        await take(tx, order[0]);
        arrived += 1;
        while (arrived < 2) await sql`select pg_sleep(0.01)`.execute(tx);
        await take(tx, order[1]);
      });
      return 'done';
    };
    const ends = await Promise.allSettled([both(locks), both(locks.toReversed())]);
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({ reason: busy });
  });
});
