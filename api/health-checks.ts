import type { HealthCheck } from '../contracts/health.ts';
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
  /** Why this process takes no traffic, or undefined when it does. */
  unreadiness(): Promise<string | undefined>;
}

export interface HealthOptions {
  readonly database: TenantDatabase;
  readonly temporal: TemporalGateway;
  /** Why the process itself is not ready (starting, draining), or undefined. */
  readonly processState: () => string | undefined;
}

/** Temporal is not part of readiness: reads work without it, and a run that is accepted meanwhile starts later. */
export function createHealthChecks(options: HealthOptions): HealthChecks {
  const database = cached(() => check(pingDatabase(options.database)));
  const temporal = cached(() => check(options.temporal.call((client) => client.workflowService.getSystemInfo({}), checkTimeoutMs)));
  return {
    database,
    temporal,
    unreadiness: async () => {
      const state = options.processState();
      if (state !== undefined) return state;
      const { status, detail } = await database();
      return status === 'ok' ? undefined : `PostgreSQL: ${detail ?? 'unavailable'}`;
    },
  };
}

async function check(call: Promise<unknown>): Promise<HealthCheck> {
  const startedAtMs = performance.now();
  try {
    await withTimeout(call);
    return { status: 'ok', detail: null, latencyMs: Math.round((performance.now() - startedAtMs) * 10) / 10 };
  } catch (error) {
    // Messages of drivers name hosts and users; anybody may ask for health.
    return { status: 'unavailable', detail: error instanceof OrdealError ? error.message : 'It does not answer.', latencyMs: null };
  }
}

async function withTimeout(call: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), checkTimeoutMs);
  });
  try {
    await Promise.race([call, timeout]);
  } finally {
    clearTimeout(timer);
    call.catch(() => undefined);
  }
}

function cached(run: () => Promise<HealthCheck>): () => Promise<HealthCheck> {
  let current: Promise<HealthCheck> | undefined;
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
