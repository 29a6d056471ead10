import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { defaultRatePolicies, eventWindow } from '../../domain/limits/rate-classes.ts';
import { takeFromWindow, type WindowSlots } from '../../domain/limits/sliding-window.ts';
import { takeTokens, type Bucket } from '../../domain/limits/token-bucket.ts';
import { RateLimiter } from '../../runtime/limits/rate-limiter.ts';
import { takeFromSharedWindow, takeSharedTokens } from '../../runtime/limits/shared-limits.ts';
import { RedisAway, RedisLink } from '../../runtime/redis/redis-link.ts';
import { redisScript } from '../../runtime/redis/redis-script.ts';
import { timed } from '../harness/timed.ts';
import { useRedis } from '../harness/use-redis.ts';
import { waitUntil } from '../harness/wait-until.ts';

const redis = useRedis();
const open: RedisLink[] = [];

/** Waits for a Redis that a busy machine keeps from answering, unless it is to be as quick as a process of ours. */
async function connect(keyPrefix = `test:${randomUUID()}:`, commandTimeoutMs = 20_000): Promise<RedisLink> {
  const link = new RedisLink({ url: redis.server.url, keyPrefix, commandTimeoutMs, onChange: () => undefined });
  open.push(link);
  await available(link);
  return link;
}

function available(link: RedisLink): Promise<unknown> {
  return waitUntil('Redis', async () => link.isAvailable);
}

let link: RedisLink;
beforeAll(async () => {
  link = await connect();
});
afterAll(() => open.forEach((each) => each.close()));

const pauses = fc.constantFrom(0, 0, 0, 1, 3, 10);

describe('the scripts in Redis', () => {
  it('take tokens exactly as the rule in domain does, by the time that Redis says it was', async () => {
    const policies = fc.record({ perMinute: fc.integer({ min: 1, max: 60_000 }), burst: fc.integer({ min: 0, max: 50 }) });
    const requests = fc.array(fc.record({ pauseMs: pauses, cost: fc.integer({ min: 0, max: 20 }) }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(policies, requests, async (policy, sequence) => {
        const key = randomUUID();
        let bucket: Bucket | undefined;
        for (const { pauseMs, cost } of sequence) {
          if (pauseMs > 0) await sleep(pauseMs);
          const { nowMs, ...answer } = await takeSharedTokens(link, { key, policy, cost });
          const expected = takeTokens(policy, bucket, { nowMs, cost });
          bucket = expected.bucket;
          expect(answer).toEqual(expected.answer);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('take from a window exactly as the rule in domain does', async () => {
    const requests = fc.array(fc.record({ pauseMs: fc.constantFrom(0, 0, 2, 9, 40), asked: fc.integer({ min: 0, max: 12 }) }), {
      maxLength: 25,
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), requests, async (limit, sequence) => {
        const policy = { limit, windowMs: 60, slotMs: 5 };
        const key = randomUUID();
        let slots: WindowSlots = new Map();
        for (const { pauseMs, asked } of sequence) {
          if (pauseMs > 0) await sleep(pauseMs);
          const { nowMs, ...answer } = await takeFromSharedWindow(link, { key, policy, asked });
          const expected = takeFromWindow(policy, slots, { nowMs, asked });
          slots = expected.slots;
          expect(answer).toEqual(expected.answer);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are one step each: of 350 events sent through two connections at once exactly 300 are taken', async () => {
    const other = await connect('same:');
    const one = await connect('same:');
    const key = randomUUID();
    const policy = eventWindow(300);
    const takes = await Promise.all(
      Array.from({ length: 350 }, (_, index) => takeFromSharedWindow(index % 2 === 0 ? one : other, { key, policy, asked: 1 })),
    );
    expect(takes.reduce((sum, { taken }) => sum + taken, 0)).toBe(300);
  });

  it('leave nothing behind: what is empty or full again is forgotten', async () => {
    const key = randomUUID();
    await takeFromSharedWindow(link, { key: `w${key}`, policy: { limit: 5, windowMs: 60_000, slotMs: 100 }, asked: 3 });
    await takeSharedTokens(link, { key: `b${key}`, policy: { perMinute: 1, burst: 0 }, cost: 1 });
    const timesToLive = redisScript(`return { redis.call('PTTL', KEYS[1]), redis.call('PTTL', KEYS[2]) }`);
    for (const leftMs of (await link.run(timesToLive, [`w${key}`, `b${key}`], [])) as number[]) {
      expect(leftMs).toBeGreaterThan(0);
      expect(leftMs).toBeLessThanOrEqual(61_000);
    }
  });

  it('keep two environments on one server apart', async () => {
    const [blue, green] = [await connect('blue:'), await connect('green:')];
    const policy = { perMinute: 1, burst: 0 };
    const key = randomUUID();
    const take = (each: RedisLink) => takeSharedTokens(each, { key, policy, cost: 1 });
    expect([(await take(blue)).isAllowed, (await take(green)).isAllowed, (await take(blue)).isAllowed]).toEqual([true, true, false]);
  });
});

describe('a limiter whose Redis is away', () => {
  const limiterOn = (each: RedisLink, processes = 2) => new RateLimiter({ redis: each, processes, policies: defaultRatePolicies });
  const takeEvents = async (limiter: RateLimiter, subject: string, batches: readonly number[]) => {
    let taken = 0;
    for (const asked of batches) taken += (await limiter.takeFromWindow(subject, eventWindow(300), asked)).taken;
    return taken;
  };

  it('goes on by itself at once, with its share, and remembers what it gave out before', async () => {
    const each = await connect();
    const limiter = limiterOn(each);
    const [used, fresh] = [randomUUID(), randomUUID()];
    expect(await takeEvents(limiter, used, [100])).toBe(100);
    await redis.server.kill9();
    const { result, tookMs } = await timed(async () => [
      await takeEvents(limiter, used, [100, 100]),
      await takeEvents(limiter, fresh, [100, 100, 100]),
    ]);
    expect(result).toEqual([50, 150]);
    expect(tookMs).toBeLessThan(400);
    expect([limiter.source, limiter.localDecisions]).toEqual(['local', 5]);
    const readingAtMs = performance.now();
    const reads = await Promise.all(Array.from({ length: 100 }, () => limiter.takeToken('read', fresh)));
    const allowed = reads.filter(({ isAllowed }) => isAllowed).length;
    const gained = Math.ceil((performance.now() - readingAtMs) / 1_000);
    expect(allowed).toBeGreaterThanOrEqual(60);
    expect(allowed).toBeLessThan(60 + gained);
    await redis.server.restart();
    await available(each);
    expect((await limiter.takeToken('write', fresh)).source).toBe('redis');
  });

  it('refuses what must not be counted by one process alone', async () => {
    const each = await connect();
    const limiter = limiterOn(each);
    expect((await limiter.takeToken('decision', 'approver')).isAllowed).toBe(true);
    await redis.server.kill9();
    for (const name of ['decision', 'sign_in'] as const) {
      await expect(limiter.takeToken(name, 'approver')).rejects.toMatchObject({ failure: 'limiter_unavailable', retryAfterSeconds: 2 });
    }
    await redis.server.restart();
    await available(each);
    expect((await limiter.takeToken('decision', 'approver')).isAllowed).toBe(true);
  });

  it('waits a quarter of a second once while Redis hangs, and not at all after that; and finds it again', async () => {
    const each = await connect(undefined, 250);
    const limiter = limiterOn(each);
    process.kill(redis.server.pid, 'SIGSTOP');
    try {
      const first = await timed(() => Promise.all(Array.from({ length: 50 }, () => limiter.takeToken('read', randomUUID()))));
      expect(first.tookMs).toBeLessThan(900);
      const next = await timed(async () => {
        for (let request = 0; request < 200; request += 1) expect((await limiter.takeToken('read', randomUUID())).source).toBe('local');
      });
      expect(next.tookMs).toBeLessThan(500);
      await expect(each.run(redisScript('return 1'), [], [])).rejects.toBeInstanceOf(RedisAway);
    } finally {
      process.kill(redis.server.pid, 'SIGCONT');
    }
    await waitUntil('Redis to count again', async () => (await limiter.takeToken('read', randomUUID())).source === 'redis');
  });

  it('does not give out a limit twice because Redis was flushed', async () => {
    const each = await connect();
    const limiter = limiterOn(each, 1);
    const subject = randomUUID();
    const flush = redisScript(`redis.call('FLUSHALL') return 1`);
    let taken = 0;
    for (let batch = 0; batch < 7; batch += 1) {
      taken += (await limiter.takeFromWindow(subject, eventWindow(300), 50)).taken;
      await each.run(flush, [], []);
    }
    expect(taken).toBe(300);
  });

  it('goes on by itself when Redis has no memory left', async () => {
    const each = await connect();
    const limiter = limiterOn(each);
    const admin = new Redis(redis.server.url);
    try {
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
      await admin.config('SET', 'maxmemory', '1');
      expect((await limiter.takeToken('read', randomUUID())).source).toBe('local');
      await admin.config('SET', 'maxmemory', '256mb');
      expect((await limiter.takeToken('read', randomUUID())).source).toBe('redis');
    } finally {
      admin.disconnect();
    }
  });
});
