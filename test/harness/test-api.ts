import { randomUUID } from 'node:crypto';

import { inject } from 'vitest';

import { createApp } from '../../api/create-app.ts';
import { endpoints } from '../../api/endpoints.ts';
import { createHealthChecks } from '../../api/health-checks.ts';
import { listen } from '../../api/listen.ts';
import { createPdfPrinter } from '../../api/pdf-printer.ts';
import { StreamRegistry } from '../../api/stream-registry.ts';
import type { TenantDatabase } from '../../db/tenant-database.ts';
import { connectTemporal } from '../../orchestration/connect-temporal.ts';
import { createRunClient } from '../../orchestration/run-client.ts';
import { createScheduleClient } from '../../orchestration/schedule-client.ts';
import { createEgress } from '../../runtime/egress/egress.ts';
import { parsePrivateAllow } from '../../runtime/egress/private-allow.ts';
import { findChromium } from '../../runtime/pdf/find-chromium.ts';
import type { SecretKey } from '../../runtime/secret-box.ts';
import { rateClasses, type RateClass } from '../../domain/limits/rate-classes.ts';
import type { BucketPolicy } from '../../domain/limits/token-bucket.ts';
import { RateLimiter } from '../../runtime/limits/rate-limiter.ts';
import { openRedis } from '../../runtime/redis/open-redis.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createModels } from '../../runtime/model/models.ts';
import { testModelSettings, type TestModels } from './test-models.ts';
import { createTargetClient } from '../../runtime/target/target-client.ts';
import { testSecretKey } from './test-worker.ts';
import { waitUntil } from './wait-until.ts';

export interface TestApiOptions {
  readonly database: TenantDatabase;
  readonly taskQueue?: string;
  readonly allowPorts?: readonly number[];
  readonly temporalAddress?: string;
  readonly secretKeys?: readonly [SecretKey, ...SecretKey[]];
  /** Default: none. */
  readonly models?: TestModels;
  /** Where agents reach it. Default: nowhere. */
  readonly publicUrl?: string;
  /** By default this process counts by itself. */
  readonly redis?: { readonly url: string; readonly keyPrefix: string };
  /** Processes that share the limits; default 1. */
  readonly processes?: number;
  /** By default what no test reaches. */
  readonly ratePolicies?: Partial<Record<RateClass, BucketPolicy>>;
  /** By default what no test reaches. */
  readonly maxEventsPerMinute?: number;
  /** Where every log line goes; by default nowhere. */
  readonly onLog?: (line: string) => void;
}

export interface TestApi {
  readonly url: string;
  readonly streams: StreamRegistry;
  close(): Promise<void>;
}

/** The real API in the process of the test. */
export async function startTestApi(options: TestApiOptions): Promise<TestApi> {
  const { database, onLog } = options;
  const destination = onLog === undefined ? {} : { destination: { write: onLog } };
  const log = createLogger({ name: 'test-api', level: onLog === undefined ? 'silent' : 'info', ...destination });
  const temporal = connectTemporal({
    address: options.temporalAddress ?? inject('temporalAddress'),
    namespace: 'default',
    // A test waits for the busy server of all; one of its own is to be away.
    ...(options.temporalAddress === undefined ? { callTimeoutMs: 15_000 } : {}),
  });
  const privateAllow = parsePrivateAllow((options.allowPorts ?? []).map((port) => `127.0.0.1/32:${port}`).join(','));
  const models = createModels(testModelSettings(options.models));
  const egress = createEgress({ privateAllow });
  const streams = new StreamRegistry();
  const redis = openRedis(options.redis, log);
  const limiter = new RateLimiter({ redis, processes: options.processes ?? 1, policies: { ...generousPolicies, ...options.ratePolicies } });
  const app = createApp(
    {
      database,
      databaseForStops: database,
      temporal,
      models,
      targets: createTargetClient(egress),
      privateAllow,
      streams,
      pdf: createPdfPrinter(await findChromium({ told: undefined, searchPath: process.env['PATH'] })),
      log,
      runs: createRunClient({ temporal, database, taskQueue: options.taskQueue ?? 'unused' }),
      schedules: createScheduleClient({ temporal, database, taskQueue: options.taskQueue ?? 'unused' }),
      secretKeys: options.secretKeys ?? [testSecretKey],
      publicUrl: options.publicUrl,
      maxRunDurationMinutes: 30,
      limiter,
      maxEventsPerMinute: options.maxEventsPerMinute ?? generous,
      health: createHealthChecks({ database, temporal, redis, limiter, processState: () => undefined }),
      version: 'test',
    },
    { isHttps: false },
  );
  const { server, url } = await listen(app, { host: '127.0.0.1', port: 0 });
  return {
    url,
    streams,
    close: async () => {
      streams.closeAll();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all([egress.close(), models.close(), temporal.close()]);
      redis?.close();
    },
  };
}

const generous = 1_000_000;
const generousPolicies = Object.fromEntries(rateClasses.map((name) => [name, { perMinute: generous, burst: 0 }])) as Record<
  RateClass,
  BucketPolicy
>;

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

export type Json = Readonly<Record<string, unknown>>;

/** What a dotted path such as `items.0.probeId` leads to in a JSON answer; undefined when it leads nowhere. */
export function at(json: unknown, path: string): unknown {
  let current = json;
  for (const key of path.split('.')) current = typeof current === 'object' && current !== null ? (current as Json)[key] : undefined;
  return current;
}

export interface ApiClient {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ApiAnswer>;
  /** With a fresh Idempotency-Key, unless `headers` has one. An empty header is left out. */
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<ApiAnswer>;
  /** As `post`. */
  patch(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<ApiAnswer>;
}

/** A client that also holds every answer against the schema that the OpenAPI document promises. */
export function apiClient(url: string, apiKey: string): ApiClient {
  const send = async (
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    init: { body?: string; headers: Record<string, string> },
  ): Promise<ApiAnswer> => {
    // A connection of its own: one that is idle may be closed just when a process that stood still uses it again.
    const response = await fetch(`${url}${path}`, { method, ...init, headers: { ...init.headers, connection: 'close' } });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const json = (isJson ? JSON.parse(text) : null) as Json;
    if (response.ok && isJson) assertPromised(method, path, json);
    if (!response.ok) assertProblem(response, json);
    return { status: response.status, headers: response.headers, text, json };
  };
  const auth = apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` };
  const change =
    (method: 'POST' | 'PATCH'): ApiClient['post'] =>
    (path, body, headers = {}) => {
      const all = { ...auth, 'idempotency-key': randomUUID(), 'content-type': 'application/json', ...headers };
      const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
      const sent = typeof body === 'string' ? body : JSON.stringify(body);
      return send(method, path, { headers: kept, ...(body === undefined ? {} : { body: sent }) });
    };
  return {
    get: (path, headers = {}) => send('GET', path, { headers: { ...auth, ...headers } }),
    post: change('POST'),
    patch: change('PATCH'),
  };
}

/** What comes of a request that may be sent again, as a client does: a busy machine refuses for the time being. */
export function settled(send: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
  return waitUntil('an answer that is more than "not now"', async () => {
    const answer = await send();
    const isNotNow = answer.status === 503 || at(answer.json, 'type') === 'urn:ordeal:problem:idempotency_in_flight';
    return !isNotNow && answer;
  });
}

function assertPromised(method: string, path: string, json: unknown): void {
  const { pathname } = new URL(path, 'http://api');
  const endpoint = endpoints.find(
    (candidate) => candidate.method.toUpperCase() === method && new RegExp(`^${candidate.path.replace(/:\w+/g, '[^/]+')}$`).test(pathname),
  );
  const result = endpoint?.output.schema.safeParse(json);
  if (result?.success === false) throw new Error(`${method} ${path} answered what its schema does not say: ${result.error.message}`);
}

function assertProblem(response: Response, json: Json): void {
  const isProblem =
    response.headers.get('content-type')?.startsWith('application/problem+json') === true &&
    json['status'] === response.status &&
    json['requestId'] === response.headers.get('x-request-id');
  const isReport = new URL(response.url).pathname.startsWith('/health');
  if (!isProblem && !isReport)
    throw new Error(`${response.url} answered ${response.status} without a problem body: ${JSON.stringify(json)}`);
}
