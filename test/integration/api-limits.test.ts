import { createHmac, randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sidecarSigningKey } from '../../runtime/access-token.ts';
import { createSidecar } from '../../sidecar/create-sidecar.ts';
import { inWaves } from '../harness/in-waves.ts';
import { createTarget, createTenant, targetAt, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, at, startTestApi, type ApiAnswer, type TestApi, type TestApiOptions } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { timed } from '../harness/timed.ts';
import { useRedis } from '../harness/use-redis.ts';
import { waitUntil } from '../harness/wait-until.ts';

const redis = useRedis();
let db: TestDatabase;
let tenant: TestTenant;
const apis: TestApi[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  tenant = await createTenant(db.database);
});
afterAll(async () => {
  await Promise.all(apis.map((api) => api.close()));
  await db.drop();
});

/** An API that shares its limits through Redis with every other one of this prefix. */
async function startApi(options: Partial<TestApiOptions> & { readonly keyPrefix?: string } = {}): Promise<TestApi> {
  const { keyPrefix = `${randomUUID()}:`, ...rest } = options;
  const api = await startTestApi({ database: db.database, redis: { url: redis.server.url, keyPrefix }, ...rest });
  apis.push(api);
  await waitForLimiter(api, 'redis');
  return api;
}

function waitForLimiter(api: TestApi, limiter: 'redis' | 'local'): Promise<unknown> {
  return waitUntil(`the limiter to be ${limiter}`, async () => {
    const answer = await fetch(`${api.url}/health/redis`);
    return ((await answer.json()) as { readonly limiter: string }).limiter === limiter;
  });
}

async function newSidecarToken(api: TestApi): Promise<string> {
  const targetId = await createTarget(db.database, tenant, targetAt('https://agent.example.com/chat', { sidecar: true }));
  const answer = await apiClient(api.url, tenant.apiKey).post(`/api/targets/${targetId}/sidecar-tokens`, {});
  return String(answer.json['token']);
}

function eventsFrom(stream: string, first: number, count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    eventId: `${stream}/${first + index}`,
    stream,
    sequence: first + index,
    type: 'turn_started',
    occurredAt: '2026-11-21T04:50:00.000Z',
  }));
}

function sendEvents(api: TestApi, token: string, events: readonly object[]): Promise<ApiAnswer> {
  const body = JSON.stringify({ events });
  const time = Math.floor(Date.now() / 1_000);
  const signature = createHmac('sha256', sidecarSigningKey(token)).update(`${time}.${body}`).digest('hex');
  const headers = { 'x-ordeal-signature': `t=${time},v1=${signature}`, 'idempotency-key': '' };
  return apiClient(api.url, token).post('/api/ingest/events', body, headers);
}

async function storedEvents(stream: string): Promise<number> {
  const [row] = await db.query<{ count: number }>('select count(*)::int as count from events where stream = $1', [stream]);
  return row?.count ?? 0;
}

const limitHeaders = ({ headers }: ApiAnswer) => ({
  limit: headers.get('x-ratelimit-limit'),
  remaining: headers.get('x-ratelimit-remaining'),
  source: headers.get('x-ratelimit-source'),
  policy: headers.get('ratelimit-policy'),
});

describe('requests of a member', () => {
  it('are counted by class, each answer says how its limit stands, and too many are refused with 429', async () => {
    // Eight, and no ninth for a minute.
    const policy = { perMinute: 1, burst: 7 };
    const api = await startApi({ ratePolicies: { read: policy, write: policy, execute: { perMinute: 1, burst: 0 } } });
    const client = apiClient(api.url, tenant.apiKey);
    const answers: ApiAnswer[] = [];
    for (let request = 0; request < 9; request += 1) answers.push(await client.get('/api/projects'));
    expect(answers.map(({ status }) => status)).toEqual([...Array(8).fill(200), 429]);
    const [first, last] = [answers[0], answers[8]];
    if (first === undefined || last === undefined) throw new Error('no answers');
    expect(limitHeaders(first)).toEqual({ limit: '8', remaining: '7', source: 'redis', policy: '"read";q=8;w=480' });
    expect(limitHeaders(last)).toEqual({ limit: '8', remaining: '0', source: 'redis', policy: '"read";q=8;w=480' });
    expect(last.headers.get('ratelimit')).toMatch(/^"read";r=0;t=4[2-8]\d$/);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(20);
    expect(Number(last.headers.get('x-ratelimit-reset')) - Date.now() / 1_000).toBeGreaterThan(400);
    expect(last.json['type']).toBe('urn:ordeal:problem:rate_limited');
    expect((await client.post('/api/projects', { name: 'Another class' })).status).toBe(201);
    const run = () => client.post(`/api/projects/${tenant.projectId}/runs`, { targetId: 'tgt_00000000000000000000000000' });
    expect([(await run()).status, (await run()).status]).toEqual([404, 429]);
    const stop = () => client.post('/api/runs/run_00000000000000000000000000/stop');
    const stops = await Promise.all(Array.from({ length: 20 }, stop));
    expect(new Set(stops.map(({ status }) => status))).toEqual(new Set([404]));
  });

  it('are counted for each member, and for all processes together', async () => {
    const keyPrefix = `${randomUUID()}:`;
    const options = { keyPrefix, ratePolicies: { read: { perMinute: 60, burst: 0 } } };
    const [one, two] = [await startApi(options), await startApi(options)];
    const other = await createTenant(db.database);
    const get = async (api: TestApi, key: string) => (await apiClient(api.url, key).get('/api/projects')).status;
    const startedAtMs = performance.now();
    const statuses = await inWaves(100, (index) => get(index % 2 === 0 ? one : two, tenant.apiKey));
    const gained = Math.ceil((performance.now() - startedAtMs) / 1_000);
    const allowed = statuses.filter((status) => status === 200).length;
    expect(allowed).toBeGreaterThanOrEqual(60);
    expect(allowed).toBeLessThanOrEqual(60 + gained);
    expect(await get(one, other.apiKey)).toBe(200);
  });
});

/** A key of the tenant with a secret that is wrong, and a checksum that is right. */
function guess(): string {
  const text = `${tenant.apiKey.slice(0, -49)}${'x'.repeat(43)}`;
  return `${text}${(crc32(text) & 0xffffff).toString(16).padStart(6, '0')}`;
}

describe('wrong secrets of a key', () => {
  it('are looked at some times a minute, and then not even the right one is, from there', async () => {
    // Sixty, and then one in 15 s.
    const api = await startApi({ ratePolicies: { sign_in: { perMinute: 4, burst: 56 } } });
    const ask = async (key: string) => (await apiClient(api.url, key).get('/api/projects')).status;
    const statuses = await inWaves(120, () => ask(guess()));
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(await ask((await createTenant(db.database)).apiKey)).toBe(200);
    await inWaves(20, () => ask(guess()));
    expect(await ask(tenant.apiKey)).toBe(429);
    await waitUntil('the right key to be looked at again', async () => (await ask(tenant.apiKey)) === 200);
  });

  it('are answered neither way while Redis is away; the right one still is', async () => {
    const api = await startApi();
    await redis.server.kill9();
    await waitForLimiter(api, 'local');
    const refused = await apiClient(api.url, guess()).get('/api/projects');
    expect([refused.status, refused.json['type']]).toEqual([503, 'urn:ordeal:problem:limiter_unavailable']);
    expect((await apiClient(api.url, tenant.apiKey).get('/api/projects')).status).toBe(200);
    await redis.server.restart();
  });
});

describe('events of a sidecar token', () => {
  it('of 350 in a minute 300 are taken and 50 refused one by one, whichever of two processes they reach', async () => {
    const keyPrefix = `${randomUUID()}:`;
    const [one, two] = [await startApi({ keyPrefix, maxEventsPerMinute: 300 }), await startApi({ keyPrefix, maxEventsPerMinute: 300 })];
    const token = await newSidecarToken(one);
    const stream = randomUUID();
    const answers: ApiAnswer[] = [];
    for (const [index, size] of [100, 100, 80, 70].entries()) {
      const first = [1, 101, 201, 281][index] ?? 0;
      answers.push(await sendEvents(index % 2 === 0 ? one : two, token, eventsFrom(stream, first, size)));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    const [last] = answers.slice(-1);
    if (last === undefined) throw new Error('no answer');
    expect(limitHeaders(last)).toEqual({ limit: '300', remaining: '0', source: 'redis', policy: '"events";q=300;w=60' });
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(20);
    expect([at(last.json, 'batch.accepted'), at(last.json, 'batch.duplicates')]).toEqual([20, 0]);
    const errors = at(last.json, 'batch.errors') as { index: number; eventId: string; retryAfterSeconds: number }[];
    expect(errors.map(({ index, eventId }) => [index, eventId])).toEqual(
      Array.from({ length: 50 }, (_, index) => [20 + index, `${stream}/${301 + index}`]),
    );
    expect(errors.every(({ retryAfterSeconds }) => retryAfterSeconds > 20)).toBe(true);
    expect(await storedEvents(stream)).toBe(300);
  });

  it('that are stored already are told as duplicates also when the limit is used up', async () => {
    const api = await startApi({ maxEventsPerMinute: 50 });
    const token = await newSidecarToken(api);
    const stream = randomUUID();
    expect((await sendEvents(api, token, eventsFrom(stream, 1, 50))).json).toEqual({ accepted: 50, duplicates: 0, errors: [] });
    const again = await sendEvents(api, token, eventsFrom(stream, 1, 50));
    expect([again.status, again.json]).toEqual([200, { accepted: 0, duplicates: 50, errors: [] }]);
    expect((await sendEvents(api, token, eventsFrom(stream, 41, 20))).json['batch']).toMatchObject({ accepted: 0, duplicates: 10 });
  });

  it('one token does not use up the limit of another', async () => {
    const api = await startApi({ maxEventsPerMinute: 10 });
    const [one, two] = [await newSidecarToken(api), await newSidecarToken(api)];
    expect((await sendEvents(api, one, eventsFrom(randomUUID(), 1, 11))).status).toBe(429);
    expect((await sendEvents(api, two, eventsFrom(randomUUID(), 1, 10))).status).toBe(200);
  });
});

describe('while Redis is away', () => {
  const outages = {
    killed: { begin: () => redis.server.kill9(), end: () => redis.server.restart() },
    stopped: {
      begin: async () => void process.kill(redis.server.pid, 'SIGSTOP'),
      end: async () => void process.kill(redis.server.pid, 'SIGCONT'),
    },
  };

  /** Readers and a sidecar that go on until the test says so; whatever they are answered is counted. */
  async function putUnderLoad(api: TestApi) {
    const sidecar = createSidecar({ token: await newSidecarToken(api), ingestUrl: `${api.url}/api/ingest/events` });
    const client = apiClient(api.url, tenant.apiKey);
    const latencies: number[] = [];
    let isOver = false;
    const readers = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        const { result, tookMs } = await timed(() => client.get('/api/projects'));
        expect(result.status).toBe(200);
        latencies.push(tookMs);
        sidecar.turn().end();
      }
    });
    return {
      latencies,
      more: (count: number) => {
        const before = latencies.length;
        return waitUntil('more load', async () => latencies.length > before + count);
      },
      end: async () => {
        isOver = true;
        await Promise.all(readers);
      },
      /** No event is lost: what the sidecar was told is taken is stored. */
      settle: async () => {
        expect(await sidecar.flush(60_000)).toBe(true);
        await sidecar.close();
        expect(await storedEvents(sidecar.stream)).toBe(latencies.length * 2);
      },
    };
  }

  function p99(latencies: readonly number[]): number {
    return latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? Infinity;
  }

  it.each(['killed', 'stopped'] as const)(
    '%s under load: reads stay fast, no event is lost, health says so, and what could be used for guessing is refused',
    async (kind) => {
      const api = await startApi({ maxEventsPerMinute: 200_000, processes: 2 });
      const client = apiClient(api.url, tenant.apiKey);
      const load = await putUnderLoad(api);
      await load.more(50);
      const before = load.latencies.length;
      await outages[kind].begin();
      try {
        await waitForLimiter(api, 'local');
        const health = await waitUntil('health to tell of checks made here', async () => {
          const answer = await client.get('/health/redis');
          return answer.status === 503 && Number(answer.json['localDecisions']) > 0 ? answer : undefined;
        });
        expect(health.json['status']).toBe('unavailable');
        expect((await client.get('/health')).json['status']).toBe('degraded');
        expect((await client.get('/health/ready')).status).toBe(200);
        const guessed = await apiClient(api.url, guess()).get('/api/projects');
        const decided = await client.post('/api/approvals/apv_00000000000000000000000000/token-decisions', { token: 'odt_x' });
        for (const { status, json } of [guessed, decided]) {
          expect([status, json['type']]).toEqual([503, 'urn:ordeal:problem:limiter_unavailable']);
        }
        await load.more(150);
        expect((await client.get('/api/projects')).headers.get('x-ratelimit-source')).toBe('local');
      } finally {
        await load.end();
        await outages[kind].end();
      }
      expect(p99(load.latencies.slice(before))).toBeLessThan(1_000);
      await waitForLimiter(api, 'redis');
      await load.settle();
    },
  );

  it('flushed under load, again and again: reads stay fast, no event is lost, and Redis goes on counting', async () => {
    const api = await startApi({ maxEventsPerMinute: 200_000, processes: 2 });
    const admin = new Redis(redis.server.url);
    const load = await putUnderLoad(api);
    try {
      for (let flush = 0; flush < 20; flush += 1) {
        await load.more(10);
        await admin.flushall();
      }
      const answer = await apiClient(api.url, tenant.apiKey).get('/api/projects');
      expect(answer.headers.get('x-ratelimit-source')).toBe('redis');
      expect((await apiClient(api.url, guess()).get('/api/projects')).status).toBe(401);
    } finally {
      await load.end();
      admin.disconnect();
    }
    expect(p99(load.latencies)).toBeLessThan(1_000);
    await load.settle();
  });

  it('no decision is taken, by key or by token, and the right ones are as soon as it is back', async () => {
    const api = await startApi();
    const client = apiClient(api.url, tenant.apiKey);
    const path = '/api/approvals/apv_00000000000000000000000000';
    const decide = () =>
      Promise.all([client.post(`${path}/decisions`, { verdict: 'approve' }), client.post(`${path}/token-decisions`, { token: 'odt_x' })]);
    expect((await decide()).map(({ status }) => status)).toEqual([404, 404]);
    await redis.server.kill9();
    await waitForLimiter(api, 'local');
    const away = await decide();
    expect(away.map(({ status, json }) => [status, json['type']])).toEqual(Array(2).fill([503, 'urn:ordeal:problem:limiter_unavailable']));
    expect((await client.get('/api/approvals')).status).toBe(200);
    await redis.server.restart();
    await waitForLimiter(api, 'redis');
    expect((await decide()).map(({ status }) => status)).toEqual([404, 404]);
  });

  it('a process gives out its share of the events alone', async () => {
    const api = await startApi({ maxEventsPerMinute: 100, processes: 2 });
    const token = await newSidecarToken(api);
    await redis.server.kill9();
    await waitForLimiter(api, 'local');
    const answer = await sendEvents(api, token, eventsFrom(randomUUID(), 1, 80));
    expect([answer.status, at(answer.json, 'batch.accepted'), answer.headers.get('x-ratelimit-source')]).toEqual([429, 50, 'local']);
    await redis.server.restart();
  });

  it('an API without Redis says that it counts by itself', async () => {
    const api = await startTestApi({ database: db.database });
    apis.push(api);
    const answer = await apiClient(api.url, '').get('/health/redis');
    expect([answer.status, answer.json['status'], answer.json['limiter']]).toEqual([200, 'not_configured', 'local']);
  });
});
