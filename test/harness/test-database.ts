import { randomBytes } from 'node:crypto';

import pg from 'pg';
import { inject } from 'vitest';

import { closeDatabase, openDatabase } from '../../db/open-database.ts';
import type { TenantDatabase } from '../../db/tenant-database.ts';
import { appUrl, databaseUrl, templateDatabase } from './global-setup.ts';

export interface TestDatabase {
  /** As the processes hold it, but patient: a busy machine makes tests wait, and fails none. */
  readonly database: TenantDatabase;
  /** For the application's role. */
  readonly url: string;
  readonly adminUrl: string;
  /** Runs SQL as the superuser, past row-level security: for looking and for planting, in tests alone. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** A database of its own, cloned from the migrated template in some 100 ms. */
export async function createTestDatabase(clusterUrl: string = inject('postgresAdminUrl')): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onCluster(clusterUrl, `create database ${name} template ${templateDatabase}`);
  const adminUrl = databaseUrl(clusterUrl, name);
  const admin = new pg.Pool({ connectionString: adminUrl, max: 2 });
  admin.on('error', () => undefined);
  const database = openDatabase({ url: appUrl(adminUrl), connectTimeoutMs: 30_000, onIdleError: () => undefined });
  return {
    database,
    url: appUrl(adminUrl),
    adminUrl,
    query: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await admin.query<Row>(text, [...values])).rows,
    drop: async () => {
      await closeDatabase(database);
      await admin.end();
      await onCluster(clusterUrl, `drop database if exists ${name} with (force)`);
    },
  };
}

async function onCluster(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
