import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { closeDatabase, openDatabase } from '../../db/open-database.ts';
import type { TenantDatabase } from '../../db/tenant-database.ts';
import { findFreePort } from '../../scripts/stack/free-port.ts';
import { startChild, type ManagedChild } from '../../scripts/stack/child-process.ts';
import { startBreakableProxy, type BreakableProxy } from '../fakes/breakable-proxy.ts';
import { startScriptedAgent, type ScriptedAgent } from '../fakes/scripted-agent.ts';
import { createTarget, createTenant, planRun, targetAt, testScripts, type TestTenant } from '../harness/plan-run.ts';
import { checkoutRoot, randomSecretKey, serviceEnv } from '../harness/service-env.ts';
import { apiClient, at, startTestApi, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { timed } from '../harness/timed.ts';
import { waitUntil } from '../harness/wait-until.ts';

let db: TestDatabase;
let proxy: BreakableProxy;
let proxied: TenantDatabase;
let proxiedUrl: string;
let api: TestApi;
let tenant: TestTenant;
let client: ApiClient;
const nowhere = '127.0.0.1:1';

beforeAll(async () => {
  db = await createTestDatabase();
  const url = new URL(db.url);
  proxy = await startBreakableProxy({ host: url.hostname, port: Number(url.port) });
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  proxiedUrl = url.href;
  proxied = openDatabase({ url: proxiedUrl, onIdleError: () => undefined });
  api = await startTestApi({ database: proxied, temporalAddress: nowhere });
  tenant = await createTenant(db.database);
  client = apiClient(api.url, tenant.apiKey);
});

afterAll(async () => {
  await api.close();
  await closeDatabase(proxied);
  await proxy.close();
  await db.drop();
});

describe('without PostgreSQL', () => {
  it.each(['closed', 'hanging'] as const)(
    'every request is answered 503 within 3 s while the connection is %s, and works when it is back',
    async (state) => {
      expect((await client.get('/api/projects')).status).toBe(200);
      await proxy.set(state);
      for (const call of [
        () => client.get('/api/projects'),
        () => client.post('/api/projects', { name: 'Away' }),
        () => client.get('/health/ready'),
        () => client.get('/health/db'),
      ]) {
        const { result, tookMs } = await timed(call);
        expect([result.status, tookMs < 3_000]).toEqual([503, true]);
      }
      const problem = await client.get('/api/runs');
      expect([problem.json['type'], problem.headers.get('retry-after')]).toEqual(['urn:ordeal:problem:database_unavailable', '2']);
      expect((await client.get('/health/live')).status).toBe(200);
      await proxy.set('open');
      await waitUntil('the API to recover', async () => (await client.get('/api/projects')).status === 200);
      await waitUntil('readiness', async () => (await client.get('/health/ready')).status === 200);
      expect(await db.query('select 1 from projects where name = $1', ['Away'])).toEqual([]);
    },
  );

  it('an event stream waits and goes on without a gap', async () => {
    const definition = targetAt('https://agent.example.com/');
    const targetId = await createTarget(db.database, tenant, definition);
    const runId = await planRun(db.database, { tenant, targetId, definition, scripts: testScripts(1, 1) });
    const response = await fetch(`${api.url}/api/runs/${runId}/events`, { headers: { authorization: `Bearer ${tenant.apiKey}` } });
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString('utf8');
    })();
    await waitUntil('the first event', async () => text.includes('id: 1\n'));
    await proxy.set('closed');
    await sleep(700);
    await proxy.set('open');
    await db.query('update run_feed_heads set last_seq = 2 where run_id = $1', [runId]);
    await db.query("insert into run_feed (org_id, run_id, seq, type, data) values ($1, $2, 2, 'run_ended', '{}')", [tenant.orgId, runId]);
    await reading;
    expect([...text.matchAll(/^id: (\d+)$/gm)].map((match) => match[1])).toEqual(['1', '2']);
  });
});

describe('without Temporal', () => {
  it('a run is accepted all the same, its progress is told, and a stop is kept', async () => {
    const definition = targetAt('https://agent.example.com/');
    const targetId = await createTarget(db.database, tenant, definition);
    const { result: started, tookMs } = await timed(() =>
      client.post(`/api/projects/${tenant.projectId}/runs`, { targetId, scripts: ['S1'] }),
    );
    expect([started.status, started.json['status'], tookMs < 10_000]).toEqual([202, 'queued', true]);
    const runId = String(started.json['runId']);
    expect((await client.get(`/api/runs/${runId}/progress`)).json).toMatchObject({ status: 'queued', stepsTotal: 3, source: 'database' });
    const stop = await client.post(`/api/runs/${runId}/stop`);
    expect([stop.status, stop.json['state']]).toEqual([202, 'stopping']);
    const history = await timed(() => client.get(`/api/runs/${runId}/history`));
    expect([history.result.status, history.result.json['type'], history.tookMs < 10_000]).toEqual([
      503,
      'urn:ordeal:problem:temporal_unavailable',
      true,
    ]);
  });

  it('health says so, and the process stays ready', async () => {
    const health = await client.get('/health');
    expect([health.status, health.json['status'], at(health.json, 'checks.temporal.status')]).toEqual([200, 'degraded', 'unavailable']);
    expect((await client.get('/health/temporal')).status).toBe(503);
    expect((await client.get('/health/ready')).status).toBe(200);
  });
});

describe('the process', () => {
  const children: ManagedChild[] = [];
  const released = Promise.withResolvers<void>();
  let agent: ScriptedAgent;

  beforeAll(async () => {
    agent = await startScriptedAgent(async () => {
      await released.promise;
      return { reply: 'late' };
    });
  });
  afterAll(async () => {
    for (const child of children) await child.kill9();
    await agent.close();
  });

  async function start(databaseUrl: string): Promise<{ child: ManagedChild; url: string }> {
    const port = await findFreePort();
    const settings = { databaseUrl, temporalAddress: nowhere, taskQueue: 'unused', secretKey: randomSecretKey(), allowPorts: [agent.port] };
    const child = await startChild({
      name: 'api',
      command: process.execPath,
      args: ['api/main.ts'],
      cwd: checkoutRoot,
      env: { ...serviceEnv(settings), API_PORT: String(port) },
      log: () => undefined,
      stopTimeoutMs: 35_000,
    });
    children.push(child);
    return { child, url: `http://127.0.0.1:${port}` };
  }

  it('answers what is in flight, ends its streams and takes nothing new when it is told to end', async () => {
    const { child, url } = await start(db.url);
    await child.waitForLine(/API is ready/, 60_000);
    const own = apiClient(url, tenant.apiKey);
    const definition = targetAt('https://agent.example.com/');
    const slowly = targetAt(agent.url, { timeoutMs: 60_000 });
    const target = await own.post(`/api/projects/${tenant.projectId}/targets`, { name: 'slow', definition: slowly });
    const targetId = await createTarget(db.database, tenant, definition);
    const runId = await planRun(db.database, { tenant, targetId, definition, scripts: testScripts(1, 1) });
    const stream = await fetch(`${url}/api/runs/${runId}/events`, { headers: { authorization: `Bearer ${tenant.apiKey}` } });
    const slow = own.post(`/api/targets/${String(target.json['targetId'])}/test`);
    await waitUntil('the request in flight', async () => agent.seen.length > 0);
    const stopping = timed(() => child.stop());
    await stream.text();
    // Only now: the stream did not wait for it.
    released.resolve();
    expect(at((await slow).json, 'answer.text')).toBe('late');
    const { result: exit, tookMs } = await stopping;
    // Connections that nobody uses are not waited for until they are cut, which is after 20 s.
    expect([exit.code, tookMs < 15_000]).toEqual([0, true]);
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });

  it('refuses to start under a role that sees past row-level security', async () => {
    const { child } = await start(db.adminUrl);
    const exit = await child.exited;
    expect(exit.code).not.toBe(0);
    expect(child.lastLines.join('\n')).toContain('could see past row-level security');
  });

  it('waits for a database that is away at its start, and is not ready meanwhile', async () => {
    await proxy.set('closed');
    const { child, url } = await start(proxiedUrl);
    await child.waitForLine(/waiting for PostgreSQL/, 60_000);
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, detail: 'starting' }]);
    await proxy.set('open');
    await child.waitForLine(/API is ready/, 60_000);
    await waitUntil('readiness', async () => (await fetch(`${url}/health/ready`)).ok);
    await child.stop();
  });
});
