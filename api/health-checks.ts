import type { HealthCheck, RedisHealth } from '../contracts/health.ts';
import { answerWithin } from '../runtime/answer-within.ts';
import type { RedisLink } from '../runtime/redis/redis-link.ts';
import type { RateLimiter } from '../runtime/limits/rate-limiter.ts';
import { pingDatabase } from '../db/system-queries.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { OrdealError } from '../domain/failures.ts';
import type { TemporalGateway } from '../orchestration/connect-temporal.ts';

/** Health is asked by anybody and often: an answer serves everyone for this long. */
const freshMs = 1_000;
const checkTimeoutMs = 2_000;

export interface HealthChecks {
  database(): Promise<HealthCheck>;
  temporal(): Promise<HealthCheck>;
  redis(): Promise<RedisHealth>;
  /** Why this process takes no traffic, or undefined when it does. */
  unreadiness(): Promise<string | undefined>;
}

export interface HealthOptions {
  readonly database: TenantDatabase;
  readonly temporal: TemporalGateway;
  /** Undefined: this process counts limits by itself, on purpose. */
  readonly redis: RedisLink | undefined;
  readonly limiter: RateLimiter;
  /** Why the process itself is not ready (starting, draining), or undefined. */
  readonly processState: () => string | undefined;
}

/**
 * Temporal is not part of readiness: reads work without it, and a run that is accepted meanwhile starts later. Nor is
 * Redis: each process counts its share of the limits by itself meanwhile.
 */
export function createHealthChecks(options: HealthOptions): HealthChecks {
  const database = cached(() => check(pingDatabase(options.database)));
  const temporal = cached(() => check(options.temporal.call((client) => client.workflowService.getSystemInfo({}), checkTimeoutMs)));
  const redis = cached(() => checkRedis(options));
  return {
    database,
    temporal,
    redis,
    unreadiness: async () => {
      const state = options.processState();
      if (state !== undefined) return state;
      const { status, detail } = await database();
      return status === 'ok' ? undefined : `PostgreSQL: ${detail ?? 'unavailable'}`;
    },
  };
}

async function checkRedis({ redis, limiter }: HealthOptions): Promise<RedisHealth> {
  const { source, localDecisions } = limiter;
  if (redis === undefined) {
    const detail = 'No REDIS_URL is set: this process counts its share of the limits by itself.';
    return { status: 'not_configured', detail, latencyMs: null, limiter: source, localDecisions };
  }
  const found = await check(redis.ping());
  const detail = found.status === 'ok' ? null : 'It does not answer: this process counts its share of the limits by itself.';
  return { ...found, detail, limiter: limiter.source, localDecisions };
}

async function check(call: Promise<unknown>): Promise<HealthCheck> {
  const startedAtMs = performance.now();
  try {
    await answerWithin(checkTimeoutMs, call, () => new Error('timeout'));
    return { status: 'ok', detail: null, latencyMs: Math.round((performance.now() - startedAtMs) * 10) / 10 };
  } catch (error) {
    // Messages of drivers name hosts and users; anybody may ask for health.
    return { status: 'unavailable', detail: error instanceof OrdealError ? error.message : 'It does not answer.', latencyMs: null };
  }
}

function cached<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let current: Promise<Result> | undefined;
  let freshUntilMs = 0;
  return () => {
    if (current === undefined || performance.now() > freshUntilMs) {
      freshUntilMs = Number.POSITIVE_INFINITY;
      current = run().finally(() => {
        freshUntilMs = performance.now() + freshMs;
      });
    }
    return current;
  };
}
