import { randomBytes } from 'node:crypto';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { describeSchema } from '../../db/schema-dump/describe-schema.ts';
import { databaseUrl } from '../harness/global-setup.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';

describe('describeSchema', () => {
  let migrated: TestDatabase;
  const emptyName = `test_${randomBytes(6).toString('hex')}`;

  beforeAll(async () => {
    migrated = await createTestDatabase();
    await migrated.query(`create database ${emptyName}`);
  });

  afterAll(async () => {
    await migrated.query(`drop database if exists ${emptyName} with (force)`);
    await migrated.drop();
  });

  it('tells SQL that makes the same schema again', async () => {
    const told = await onDatabase(migrated.adminUrl, describeSchema);
    const again = await onDatabase(databaseUrl(inject('postgresAdminUrl'), emptyName), async (client) => {
      await client.query('grant usage, create on schema public to ordeal_owner');
      await client.query(told);
      await client.query('reset role');
      return describeSchema(client);
    });
    expect(again).toBe(told);
  });

  it('refuses a schema with an object that it cannot tell', async () => {
    await migrated.query('create view forgotten as select 1 as one');
    await migrated.query('alter view forgotten owner to ordeal_owner');
    await expect(onDatabase(migrated.adminUrl, describeSchema)).rejects.toThrow('view forgotten');
  });
});

async function onDatabase<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
