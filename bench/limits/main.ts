/** `npm run bench:limiter`: what a limit costs a request, against a real Redis on loopback. Exits with 1 when the bar is missed. */
import { setTimeout as sleep } from 'node:timers/promises';

import { defaultRatePolicies, eventWindow } from '../../domain/limits/rate-classes.ts';
import { RateLimiter } from '../../runtime/limits/rate-limiter.ts';
import { SharedPlaces } from '../../runtime/limits/shared-places.ts';
import { RedisLink } from '../../runtime/redis/redis-link.ts';
import { redisScript } from '../../runtime/redis/redis-script.ts';
import { startRedisServer } from '../../scripts/stack/redis-server.ts';
import { print, printFigure, printMachine } from '../engine/bench-stack.ts';

const checks = 20_000;
const warmUp = 2_000;
const barMs = 1;

printMachine();
const server = await startRedisServer({ log: () => undefined });
const redis = new RedisLink({ url: server.url, keyPrefix: 'bench:', onChange: () => undefined });
const places = new SharedPlaces({ redis, processes: 1, perOrigin: 100 });
try {
  while (!redis.isAvailable) await sleep(10);
  const limiter = new RateLimiter({ redis, processes: 1, policies: defaultRatePolicies });
  const window = eventWindow(1_000_000);
  const signal = new AbortController().signal;
  await measure('token of a member, one after the other', 1, (n) => limiter.takeToken('read', `member-${n % 500}`));
  await measure('events of a token, one after the other', 1, (n) => limiter.takeFromWindow(`token-${n % 20}`, window, 10));
  await measure('place at an origin, one after the other', 1, async (n) => {
    (await places.acquire({ origin: `https://agent-${n % 50}`, group: 'org', part: { name: `t${n % 50}`, places: 8 }, signal }))();
  });
  await measure('token of a member, 20 at once', 20, (n) => limiter.takeToken('read', `member-${n % 500}`));
  const counted = await redis.run(redisScript(`return redis.call('DBSIZE')`), [], []);
  print(`     keys in Redis: ${String(counted)}`);
  if (limiter.localDecisions > 0) throw new Error(`${limiter.localDecisions} checks did not reach Redis`);
} finally {
  places.close();
  redis.close();
  await server.stop();
}

async function measure(name: string, atOnce: number, check: (n: number) => Promise<unknown>): Promise<void> {
  const tookMs: number[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < checks) {
      const n = next;
      next += 1;
      const startedAtMs = performance.now();
      await check(n);
      if (n >= warmUp) tookMs.push(performance.now() - startedAtMs);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const sorted = tookMs.toSorted((a, b) => a - b);
  const value = sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN;
  const median = (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toFixed(3);
  const figure = `${name}: 95th percentile (median ${median})`;
  // Many at once wait for each other in this one process: that tells of its throughput, not of what a check costs.
  if (atOnce > 1) print(`     ${figure}: ${value.toFixed(2)} ms`);
  else printFigure({ name: figure, value, unit: 'ms', bar: `<= ${barMs} ms`, isMet: value <= barMs });
}
