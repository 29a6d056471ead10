import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';

import { SharedPlaces, type PlaceRequest } from '../../runtime/limits/shared-places.ts';
import { RedisLink } from '../../runtime/redis/redis-link.ts';
import { redisScript } from '../../runtime/redis/redis-script.ts';
import { startScriptedAgent } from '../fakes/scripted-agent.ts';
import { createTarget, createTenant, planRun, targetAt, testScripts } from '../harness/plan-run.ts';
import { createTestDatabase } from '../harness/test-database.ts';
import { startTestWorker } from '../harness/test-worker.ts';
import { useRedis } from '../harness/use-redis.ts';
import { waitUntil } from '../harness/wait-until.ts';

const redis = useRedis();
const closers: (() => void)[] = [];
afterAll(() => closers.forEach((close) => close()));

interface PlacesOptions {
  readonly keyPrefix: string;
  readonly perOrigin: number;
  readonly processes?: number;
  readonly leaseMs?: number;
}

/** The places of one more process, of a Redis that has known them for long. */
async function openPlaces({ keyPrefix, perOrigin, processes = 2, leaseMs }: PlacesOptions) {
  // A Redis that a busy machine keeps from answering is none that is away.
  const link = new RedisLink({ url: redis.server.url, keyPrefix, commandTimeoutMs: 20_000, onChange: () => undefined });
  const places = new SharedPlaces({ redis: link, processes, perOrigin, ...(leaseMs === undefined ? {} : { leaseMs }) });
  const die = (): void => {
    places.close();
    link.close();
  };
  closers.push(die);
  await waitUntil('Redis', async () => link.isAvailable);
  await link.run(redisScript(`return redis.call('SET', KEYS[1], 0)`), ['places:since'], []);
  return { places, link, die };
}

const never = new AbortController().signal;

function request(group: string, overrides: Partial<PlaceRequest> = {}): PlaceRequest {
  return { origin: 'https://agent.example', group, part: { name: group, places: 1_000 }, signal: never, ...overrides };
}

/** Holds a place for a while, once so many have been held at once, and keeps count of how many are. */
function countingHolder(wanted = 1) {
  const state = { now: 0, most: 0, order: [] as string[] };
  const reached = Promise.withResolvers<void>();
  const hold = async (places: SharedPlaces, claim: PlaceRequest, forMs = 5): Promise<void> => {
    const release = await places.acquire(claim);
    state.now += 1;
    state.most = Math.max(state.most, state.now);
    state.order.push(claim.group);
    if (state.most >= wanted) reached.resolve();
    await reached.promise;
    await sleep(forMs);
    state.now -= 1;
    release();
  };
  return { state, hold };
}

describe('places at an origin', () => {
  it('are as many as they are, for three organizations and two processes together', async () => {
    const keyPrefix = `${randomUUID()}:`;
    const [one, two] = [await openPlaces({ keyPrefix, perOrigin: 7 }), await openPlaces({ keyPrefix, perOrigin: 7 })];
    const { state, hold } = countingHolder(7);
    const work = ['org_a', 'org_b', 'org_c'].flatMap((group) =>
      Array.from({ length: 80 }, (_, index) => hold(index % 2 === 0 ? one.places : two.places, request(group))),
    );
    await Promise.all(work);
    expect([state.most, state.now, state.order.length]).toEqual([7, 0, 240]);
  });

  it('go round by organization: a short line does not wait for a long one', async () => {
    const { places } = await openPlaces({ keyPrefix: `${randomUUID()}:`, perOrigin: 2 });
    const { state, hold } = countingHolder();
    const long = Array.from({ length: 60 }, () => hold(places, request('long')));
    const short = Array.from({ length: 5 }, () => hold(places, request('short')));
    await Promise.all([...long, ...short]);
    expect(state.order.lastIndexOf('short')).toBeLessThan(15);
  });

  it('are bounded by the part as well, and a full part does not hold up another', async () => {
    const { places } = await openPlaces({ keyPrefix: `${randomUUID()}:`, perOrigin: 10 });
    const small = request('small', { part: { name: 'small', places: 1 } });
    const release = await places.acquire(small);
    const waiting = places.acquire(small);
    (await places.acquire(request('other')))();
    release();
    (await waiting)();
  });

  it('of a process that died are free again when their lease has ended, and those of a living one are kept', async () => {
    const keyPrefix = `${randomUUID()}:`;
    // Much longer than a busy machine keeps a process from renewing it.
    const leaseMs = 4_000;
    const dying = await openPlaces({ keyPrefix, perOrigin: 2, leaseMs });
    const living = await openPlaces({ keyPrefix, perOrigin: 2, leaseMs });
    await dying.places.acquire(request('org_a'));
    const keep = await living.places.acquire(request('org_b'));
    dying.die();
    const diedAtMs = performance.now();
    const release = await living.places.acquire(request('org_c'));
    expect(performance.now() - diedAtMs).toBeGreaterThan(200);
    expect(performance.now() - diedAtMs).toBeLessThan(3 * leaseMs);
    await sleep(1.5 * leaseMs);
    const another = await openPlaces({ keyPrefix, perOrigin: 2, leaseMs });
    const controller = new AbortController();
    const refused = another.places.acquire(request('org_d', { signal: controller.signal }));
    setTimeout(() => controller.abort(new Error('still full')), 400);
    await expect(refused).rejects.toThrow('still full');
    keep();
    release();
  });

  it('that somebody gave up waiting for go to the next', async () => {
    const { places } = await openPlaces({ keyPrefix: `${randomUUID()}:`, perOrigin: 1 });
    const release = await places.acquire(request('a'));
    const controller = new AbortController();
    const impatient = places.acquire(request('a', { signal: controller.signal }));
    const patient = places.acquire(request('a'));
    controller.abort(new Error('stop'));
    await expect(impatient).rejects.toThrow('stop');
    release();
    (await patient)();
    await expect(places.acquire(request('a', { signal: controller.signal }))).rejects.toThrow('stop');
  });

  it('are a share of each process while Redis is away, and known to Redis again soon after it is back', async () => {
    const keyPrefix = `${randomUUID()}:`;
    const { places, link } = await openPlaces({ keyPrefix, perOrigin: 6, leaseMs: 900 });
    await redis.server.kill9();
    await waitUntil('Redis to be away', async () => !link.isAvailable);
    const { state, hold } = countingHolder(3);
    await Promise.all(Array.from({ length: 30 }, (_, index) => hold(places, request(`org_${index % 3}`))));
    expect(state.most).toBe(3);
    const release = await places.acquire(request('org_a'));
    await redis.server.restart();
    const admin = new Redis(redis.server.url);
    await waitUntil(
      'the held place to be in Redis',
      async () => (await admin.zcard(`${keyPrefix}places:origin:https://agent.example`)) === 1,
    );
    admin.disconnect();
    release();
  });
});

describe('places that Redis forgot', () => {
  const losses = {
    'flushed it': async () => {
      const admin = new Redis(redis.server.url);
      await admin.flushall();
      admin.disconnect();
    },
    'died and began anew': async () => {
      await redis.server.kill9();
      await redis.server.restart();
    },
  };

  it.each(['flushed it', 'died and began anew'] as const)('are not given out twice when somebody %s', async (loss) => {
    const keyPrefix = `${randomUUID()}:`;
    const processes = await Promise.all([1, 2].map(() => openPlaces({ keyPrefix, perOrigin: 6, leaseMs: 9_000 })));
    const held = await Promise.all(processes.flatMap(({ places }) => [1, 2, 3].map(() => places.acquire(request('org_a')))));
    await losses[loss]();
    await waitUntil('Redis', async () => processes.every(({ link }) => link.isAvailable));
    // Longer than a new Redis counts nothing, and than it takes to renew what is held.
    const patience = AbortSignal.timeout(5_500);
    const more = processes.flatMap(({ places }) => [1, 2, 3].map(() => places.acquire(request('org_b', { signal: patience }))));
    expect((await Promise.allSettled(more)).map(({ status }) => status)).toEqual(more.map(() => 'rejected'));
    for (const release of held) release();
    const { state, hold } = countingHolder(6);
    await Promise.all(processes.flatMap(({ places }) => Array.from({ length: 20 }, () => hold(places, request('org_c')))));
    expect(state.most).toBe(6);
  });

  it('leave a process its share, and those of a new Redis all of them soon after', async () => {
    const { places, link } = await openPlaces({ keyPrefix: `${randomUUID()}:`, perOrigin: 6, leaseMs: 6_000 });
    await link.run(redisScript(`return redis.call('DEL', KEYS[1])`), ['places:since'], []);
    const beganAtMs = performance.now();
    await Promise.all([1, 2, 3].map(() => places.acquire(request('org_a'))));
    expect(performance.now() - beganAtMs).toBeLessThan(2_900);
    await Promise.all([1, 2, 3].map(() => places.acquire(request('org_b'))));
    expect(performance.now() - beganAtMs).toBeGreaterThan(2_900);
  });
});

describe('requests of runs', () => {
  it('to one agent stay within its cap: three organizations, two workers', async () => {
    const cap = 4;
    const db = await createTestDatabase();
    let now = 0;
    let most = 0;
    const reached = Promise.withResolvers<void>();
    const agent = await startScriptedAgent(async () => {
      now += 1;
      most = Math.max(most, now);
      if (most >= cap) reached.resolve();
      await reached.promise;
      await sleep(25);
      now -= 1;
      return {};
    });
    const keyPrefix = `${randomUUID()}:`;
    const first = await startTestWorker({
      database: db.database,
      allowPorts: [agent.port],
      places: (await openPlaces({ keyPrefix, perOrigin: cap })).places,
    });
    const second = await startTestWorker({
      database: db.database,
      allowPorts: [agent.port],
      taskQueue: first.taskQueue,
      places: (await openPlaces({ keyPrefix, perOrigin: cap })).places,
    });
    try {
      const definition = targetAt(agent.url, { concurrency: 8 });
      for (let organization = 0; organization < 3; organization += 1) {
        const tenant = await createTenant(db.database);
        const targetId = await createTarget(db.database, tenant, definition);
        const runId = await planRun(db.database, {
          tenant,
          targetId,
          definition,
          scripts: testScripts(25, 1),
          options: { concurrency: 8 },
        });
        await first.runs.start(tenant.orgId, runId);
      }
      const ended = async () => (await db.query('select 1 from runs where ended_at is not null')).length === 3;
      await waitUntil('the end of all runs', ended, 60_000);
      expect([most, agent.seen.length]).toEqual([cap, 75]);
    } finally {
      await Promise.all([first.close(), second.close()]);
      await agent.close();
      await db.drop();
    }
  });
});
