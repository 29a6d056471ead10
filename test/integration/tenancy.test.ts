import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { checkDatabaseRole, closeDatabase, openDatabase } from '../../db/open-database.ts';
import type { TenantDatabase } from '../../db/tenant-database.ts';
import { withOrg } from '../../db/with-org.ts';
import type { OrgId } from '../../domain/ids.ts';
import { createTarget, createTenant, planRun, targetAt, testScripts, type TestTenant } from '../harness/plan-run.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';

let db: TestDatabase;
let ours: TestTenant;
let theirs: TestTenant;
let tables: string[];

beforeAll(async () => {
  db = await createTestDatabase();
  ours = await createTenant(db.database, 'Ours');
  theirs = await createTenant(db.database, 'Theirs');
  for (const tenant of [ours, theirs]) {
    const definition = targetAt('http://127.0.0.1:9/chat');
    const targetId = await createTarget(db.database, tenant, definition);
    await planRun(db.database, { tenant, targetId, definition, scripts: testScripts(2, 2) });
  }
  const rows = await db.query<{ name: string }>(
    "select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'org_id' order by 1",
  );
  tables = rows.map((row) => row.name);
});

afterAll(() => db.drop());

function openAs(url: string): TenantDatabase {
  // A thousand at once wait for two connections.
  return openDatabase({ url, onIdleError: () => undefined, maxConnections: 2, connectTimeoutMs: 60_000 });
}

describe('tenancy', () => {
  it('shows no foreign row to a query without its filter, in any table', async () => {
    expect(tables.length).toBeGreaterThan(15);
    for (const table of tables) {
      const foreign = await withOrg(db.database, ours.orgId, async (tx) => {
        const result = await sql<{ org_id: string }>`select org_id from ${sql.table(table)}`.execute(tx);
        return result.rows.filter((row) => row.org_id !== ours.orgId);
      });
      expect(foreign, table).toEqual([]);
    }
    const seen = await withOrg(db.database, ours.orgId, (tx) => tx.selectFrom('probes').select('probe_id').execute());
    expect(seen).toHaveLength(4);
  });

  it('writes no foreign row', async () => {
    const insert = withOrg(db.database, ours.orgId, (tx) =>
      tx.insertInto('projects').values({ org_id: theirs.orgId, project_id: 'prj_x', name: 'stolen' }).execute(),
    );
    await expect(insert).rejects.toThrow('row-level security');
    const update = await withOrg(db.database, ours.orgId, (tx) => tx.updateTable('projects').set({ name: 'stolen' }).execute());
    expect(Number(update[0]?.numUpdatedRows)).toBe(1);
  });

  it('shows nothing at all outside of withOrg', async () => {
    const database = openAs(db.url);
    const nobody = `org_${'0'.repeat(26)}` as OrgId;
    expect(await withOrg(database, nobody, (tx) => tx.selectFrom('runs').select('run_id').execute())).toEqual([]);
    await closeDatabase(database);
  });

  it('leaves nothing of one organization on a connection that the next one gets', async () => {
    const database = openAs(db.url);
    const reads = Array.from({ length: 1_000 }, async (_, index) => {
      const tenant = index % 2 === 0 ? ours : theirs;
      const rows = await withOrg(database, tenant.orgId, (tx) => tx.selectFrom('runs').select('org_id').execute());
      return rows.length === 1 && rows[0]?.org_id === tenant.orgId;
    });
    expect((await Promise.all(reads)).every(Boolean)).toBe(true);
    await closeDatabase(database);
  });

  it('takes nothing but an organization id, so that no text can become SQL', async () => {
    await expect(withOrg(db.database, "org_x', true); --" as OrgId, () => Promise.resolve())).rejects.toThrow(TypeError);
  });

  it('has org_id first in every primary key and unique index, and no view', async () => {
    const bad = await db.query(`
      select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indrelid
      join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and i.indisunique and c.relname <> 'schema_migrations'
        and (select attname from pg_attribute a where a.attrelid = c.oid and a.attnum = i.indkey[0]) <> 'org_id'
      union all select viewname from pg_views where schemaname = 'public'`);
    expect(bad).toEqual([]);
  });
});

describe('the start-up check of the role', () => {
  it('accepts the application role', async () => {
    await expect(checkDatabaseRole(db.database)).resolves.toBeUndefined();
  });

  it('refuses a superuser', async () => {
    const database = openAs(db.adminUrl);
    await expect(checkDatabaseRole(database)).rejects.toThrow(/is a superuser/);
    await closeDatabase(database);
  });

  it.each([
    ['BYPASSRLS', 'create role %R login bypassrls password %P'],
    ['a membership in the owner', 'create role %R login password %P in role ordeal_owner'],
  ])('refuses a role with %s', async (_, statement) => {
    const role = `bad_${Math.random().toString(36).slice(2, 10)}`;
    await db.query(statement.replace('%R', role).replace('%P', "'bad'"));
    const url = new URL(db.url);
    url.username = role;
    url.password = 'bad';
    const database = openAs(url.href);
    await expect(checkDatabaseRole(database)).rejects.toThrow(/Refusing to start/);
    await closeDatabase(database);
    await db.query(`drop role ${role}`);
  });

  it('refuses a table without forced row-level security', async () => {
    await db.query('alter table findings no force row level security');
    await expect(checkDatabaseRole(db.database)).rejects.toThrow(/without forced row-level security: findings/);
    await db.query('alter table findings force row level security');
  });
});
