import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { guardStatementNames } from '../../domain/production-guard.ts';
import { startScriptedAgent, type AgentAnswer, type ScriptedAgent } from '../fakes/scripted-agent.ts';
import { createTenant, targetAt } from '../harness/plan-run.ts';
import { apiClient, startTestApi, type ApiAnswer, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { watchStalls } from '../harness/stalls.ts';
import { waitUntil } from '../harness/wait-until.ts';

let db: TestDatabase;
let agent: ScriptedAgent;
let api: TestApi;
let client: ApiClient;
/** What the agent waits for before it opens a session, and before it answers a prompt. */
let session: Promise<unknown> = Promise.resolve();
let prompt: Promise<unknown> = Promise.resolve();

beforeAll(async () => {
  db = await createTestDatabase();
  agent = await startScriptedAgent(async ({ path }): Promise<AgentAnswer> => {
    await (path === '/session' ? session : prompt);
    return { reply: 'hello' };
  });
  api = await startTestApi({ database: db.database, allowPorts: [agent.port] });
});
afterAll(async () => {
  await Promise.all([api.close(), agent.close()]);
  await db.drop();
});
beforeEach(async () => {
  agent.seen.length = 0;
  session = Promise.resolve();
  prompt = Promise.resolve();
  client = apiClient(api.url, (await createTenant(db.database)).apiKey);
});

interface Shop {
  readonly projectId: string;
  readonly targetId: string;
}

const definition = () => {
  const url = new URL('/session', agent.url).href;
  return targetAt(agent.url, { session: { source: 'endpoint', url, method: 'POST', headers: {}, path: '$.reply' } });
};

async function openShop(environment: 'test' | 'production'): Promise<Shop> {
  const project = await client.post('/api/projects', { name: 'Shop', environment });
  const projectId = String(project.json['projectId']);
  const target = await client.post(`/api/projects/${projectId}/targets`, { name: 'agent', definition: definition() });
  expect(target.status, target.text).toBe(201);
  return { projectId, targetId: String(target.json['targetId']) };
}

async function confirm({ projectId }: Shop, statements: readonly string[] = guardStatementNames): Promise<void> {
  for (const statement of statements) {
    expect((await client.post(`/api/projects/${projectId}/confirmations`, { statement, reason: 'looked' })).status).toBe(201);
  }
}

const testStored = ({ targetId }: Shop): Promise<ApiAnswer> => client.post(`/api/targets/${targetId}/test`);
const testNew = ({ projectId }: Shop): Promise<ApiAnswer> =>
  client.post(`/api/projects/${projectId}/target-tests`, { name: 'new', definition: definition() });
const both = [
  ['a stored target', testStored],
  ['a target that is not stored', testNew],
] as const;

const problemOf = ({ status, json }: ApiAnswer) => [status, String(json['type']).replace('urn:ordeal:problem:', '')];
const missingOf = ({ json }: ApiAnswer) => (json['issues'] as { field: string }[]).map(({ field }) => field.replace('confirmations.', ''));
const pathsSeen = () => agent.seen.map(({ path }) => path);
const seen = (path: string) => waitUntil(`a request for ${path}`, async () => agent.seen.find((one) => one.path === path));

async function stopEverything(): Promise<number> {
  expect((await client.post('/api/emergency-stop', { reason: 'a drill' })).status).toBe(200);
  return Date.now();
}

describe.each(both)('the test of %s', (_what, test) => {
  it('sends nothing while an emergency stop is in force, and works again when it is lifted', async () => {
    const shop = await openShop('test');
    await stopEverything();
    expect(problemOf(await test(shop))).toEqual([403, 'halted']);
    expect(pathsSeen()).toEqual([]);
    await client.post('/api/emergency-stop/lift');
    expect((await test(shop)).json).toMatchObject({ ok: true });
    expect(pathsSeen()).toEqual(['/session', '/chat']);
  });

  it('sends no prompt when an emergency stop is acknowledged while a session is being opened', async () => {
    const shop = await openShop('test');
    const { promise, resolve } = Promise.withResolvers<void>();
    session = promise;
    const testing = test(shop);
    await seen('/session');
    await stopEverything();
    resolve();
    expect(problemOf(await testing)).toEqual([403, 'halted']);
    expect(pathsSeen()).toEqual(['/session']);
  });

  it('ends a request in flight within a second of the acknowledgement', async () => {
    const shop = await openShop('test');
    const { promise, resolve } = Promise.withResolvers<void>();
    prompt = promise;
    const testing = test(shop);
    const request = await seen('/chat');
    const stalls = watchStalls();
    const acknowledgedAtMs = await stopEverything();
    expect(problemOf(await testing)).toEqual([403, 'halted']);
    const abortedAtMs = await waitUntil('the end of the connection', async () => request.abortedAtMs);
    stalls.stop();
    resolve();
    expect(abortedAtMs - acknowledgedAtMs).toBeLessThan(1_000 + stalls.lostMs);
  });

  it('sends nothing in production without the confirmations, and names them as the start of a run does', async () => {
    const shop = await openShop('production');
    const refused = await test(shop);
    expect([problemOf(refused), missingOf(refused)]).toEqual([[403, 'production_unconfirmed'], guardStatementNames]);
    expect(pathsSeen()).toEqual([]);
  });
});

describe('the test of a target in production', () => {
  it('names the confirmations that are left, and is made when all are given', async () => {
    const shop = await openShop('production');
    await confirm(shop, ['no_customer_secrets']);
    expect(missingOf(await testStored(shop))).toEqual(['no_customer_traffic', 'unsafe_behaviour_accepted']);
    await confirm(shop, ['no_customer_traffic', 'unsafe_behaviour_accepted']);
    expect((await testStored(shop)).json).toMatchObject({ ok: true });
  });

  it('is refused for one that is not stored, whatever is confirmed of others', async () => {
    const shop = await openShop('production');
    await confirm(shop);
    const refused = await testNew(shop);
    expect([problemOf(refused), missingOf(refused)]).toEqual([[403, 'production_unconfirmed'], guardStatementNames]);
    expect(refused.json['detail']).toMatch(/Store it first/);
    expect(pathsSeen()).toEqual([]);
  });

  it('sends no prompt under confirmations that were voided meanwhile, given anew or not', async () => {
    const shop = await openShop('production');
    await confirm(shop);
    const { promise, resolve } = Promise.withResolvers<void>();
    session = promise;
    const testing = testStored(shop);
    await seen('/session');
    const renamed = await client.patch(`/api/targets/${shop.targetId}`, { name: 'another', revision: 1 });
    expect(renamed.status, renamed.text).toBe(200);
    await confirm(shop);
    resolve();
    expect(problemOf(await testing)).toEqual([403, 'production_unconfirmed']);
    expect(pathsSeen()).toEqual(['/session']);
  });
});
