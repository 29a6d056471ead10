import { afterAll, beforeAll } from 'vitest';

import { createTenant, type TestTenant } from './plan-run.ts';
import { apiClient, startTestApi, type ApiClient, type TestApi } from './test-api.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

export interface ApiUnderTest {
  readonly db: TestDatabase;
  readonly api: TestApi;
  readonly tenant: TestTenant;
  readonly client: ApiClient;
}

/** An API with a database of its own and one tenant, for the tests of a file. */
export function useApi(): ApiUnderTest {
  let current: ApiUnderTest | undefined;
  beforeAll(async () => {
    const db = await createTestDatabase();
    const api = await startTestApi({ database: db.database });
    const tenant = await createTenant(db.database);
    current = { db, api, tenant, client: apiClient(api.url, tenant.apiKey) };
  });
  afterAll(async () => {
    await current?.api.close();
    await current?.db.drop();
  });
  const read = (): ApiUnderTest => {
    if (current === undefined) throw new Error('The API is not up yet: use it inside a test');
    return current;
  };
  return {
    get db() {
      return read().db;
    },
    get api() {
      return read().api;
    },
    get tenant() {
      return read().tenant;
    },
    get client() {
      return read().client;
    },
  };
}
