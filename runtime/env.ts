import { z } from 'zod';

import { defaultEventsPerMinute, defaultRatePolicies } from '../domain/limits/rate-classes.ts';
import type { BucketPolicy } from '../domain/limits/token-bucket.ts';
import { OrdealError, type FieldIssue } from '../domain/failures.ts';
import { parsePrivateAllow, type PrivateAllow } from './egress/private-allow.ts';
import type { Environment } from './environment.ts';
import { logLevels } from './logger.ts';
import { readModelEndpoints } from './model/model-endpoint.ts';
import { readSecretKeys } from './read-secret-keys.ts';

export type ApiEnv = z.output<ReturnType<typeof apiSchema>>;
export type WorkerEnv = z.output<ReturnType<typeof workerSchema>>;

const url = (protocols: readonly string[], example: string) =>
  z.string(`is required, such as ${example}`).refine((text) => {
    const parsed = URL.parse(text);
    return parsed !== null && protocols.includes(parsed.protocol);
  }, `must be a URL such as ${example}`);

const whole = (range: { min: number; max: number; fallback: number }) =>
  z
    .string()
    .default(String(range.fallback))
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= range.min && Number(text) <= range.max,
      `must be a whole number from ${range.min} to ${range.max}`,
    )
    .transform(Number);

const rate = ({ perMinute, burst }: BucketPolicy) =>
  z
    .string()
    .default(`${perMinute}+${burst}`)
    .transform((text, context): BucketPolicy => {
      const [, steady, extra] = /^([1-9]\d{0,5})\+(\d{1,6})$/.exec(text) ?? [];
      if (steady !== undefined && extra !== undefined) return { perMinute: Number(steady), burst: Number(extra) };
      context.addIssue({ code: 'custom', message: `must be requests a minute and a burst, such as ${perMinute}+${burst}` });
      return z.NEVER;
    });

const deploymentName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must have 1 to 64 letters, digits and _-, and begin with a letter or digit');
const buildId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/, 'must have 1 to 128 letters, digits and ._+-, and begin with a letter or digit');

const shared = (environment: Environment) => ({
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgres://ordeal_app:password@127.0.0.1:5432/ordeal'),
  TEMPORAL_ADDRESS: z
    .string()
    .default('127.0.0.1:7233')
    .refine((text) => /^[A-Za-z0-9.:[\]_-]+:\d{1,5}$/.test(text), 'must be host:port, such as 127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().min(1, 'must not be empty').default('default'),
  TEMPORAL_TASK_QUEUE: z.string().min(1, 'must not be empty').default('ordeal'),
  ORDEAL_SECRET_KEY: z.string('is required: 32 random bytes in base64, from `openssl rand -base64 32`').transform(readSecretKeys),
  EGRESS_PRIVATE_ALLOW: z.string().default('').transform(readPrivateAllow),
  PUBLIC_URL: url(['http:', 'https:'], 'https://ordeal.example.com').optional(),
  MAX_RUN_DURATION_MINUTES: whole({ min: 1, max: 1_440, fallback: 30 }),
  REDIS_URL: url(['redis:', 'rediss:'], 'redis://:password@127.0.0.1:6379').optional(),
  REDIS_KEY_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9:_-]{1,64}$/, 'must have 1 to 64 letters, digits and :_-')
    .default('ordeal:'),
  LIMITER_PROCESSES: whole({ min: 1, max: 1_000, fallback: 1 }),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  ORDEAL_JUDGE_MODELS: modelList(environment),
  ORDEAL_ATTACKER_MODELS: modelList(environment),
  ORDEAL_GENERATOR_MODELS: modelList(environment),
  ORDEAL_MODEL_PRIVATE_ALLOW: z.string().default('').transform(readPrivateAllow),
  ORDEAL_MODEL_TOKENS_PER_RUN: whole({ min: 1_000, max: 999_999_999, fallback: 2_000_000 }),
});

const apiSchema = (environment: Environment) =>
  z
    .object({
      ...shared(environment),
      API_HOST: z.string().min(1, 'must not be empty').default('127.0.0.1'),
      API_PORT: whole({ min: 0, max: 65_535, fallback: 8_080 }),
      CHROMIUM_PATH: z.string().optional(),
      RATE_LIMIT_READ: rate(defaultRatePolicies.read),
      RATE_LIMIT_WRITE: rate(defaultRatePolicies.write),
      RATE_LIMIT_EXECUTE: rate(defaultRatePolicies.execute),
      RATE_LIMIT_SIGN_IN: rate(defaultRatePolicies.sign_in),
      RATE_LIMIT_DECISION: rate(defaultRatePolicies.decision),
      MAX_EVENTS_PER_MINUTE: whole({ min: 1, max: 1_000_000, fallback: defaultEventsPerMinute }),
    })
    .transform((env) => ({
      ...sharedOf(env),
      host: env.API_HOST,
      port: env.API_PORT,
      /** Undefined: looked for on PATH. */
      chromiumPath: env.CHROMIUM_PATH,
      ratePolicies: {
        read: env.RATE_LIMIT_READ,
        write: env.RATE_LIMIT_WRITE,
        execute: env.RATE_LIMIT_EXECUTE,
        sign_in: env.RATE_LIMIT_SIGN_IN,
        decision: env.RATE_LIMIT_DECISION,
      },
      maxEventsPerMinute: env.MAX_EVENTS_PER_MINUTE,
    }));

const workerSchema = (environment: Environment) =>
  z
    .object({
      ...shared(environment),
      WORKER_CONCURRENCY: whole({ min: 1, max: 10_000, fallback: 100 }),
      MAX_REQUESTS_PER_ORIGIN: whole({ min: 1, max: 10_000, fallback: 100 }),
      WORKER_HEALTH_HOST: z.string().min(1, 'must not be empty').default('127.0.0.1'),
      WORKER_HEALTH_PORT: whole({ min: 0, max: 65_535, fallback: 0 }),
      WORKFLOW_BUNDLE: z.string().min(1, 'must not be empty').optional(),
      ORDEAL_DEPLOYMENT_NAME: deploymentName.default('ordeal'),
      ORDEAL_BUILD_ID: buildId.optional(),
    })
    .transform((env) => ({
      ...sharedOf(env),
      concurrency: env.WORKER_CONCURRENCY,
      /** At once, for all organizations and workers together. */
      maxRequestsPerOrigin: env.MAX_REQUESTS_PER_ORIGIN,
      /** Port 0: health is not served. */
      health: { host: env.WORKER_HEALTH_HOST, port: env.WORKER_HEALTH_PORT },
      /** Undefined: the worker bundles its workflows when it starts. */
      workflowBundle: env.WORKFLOW_BUNDLE,
      /** No `buildId`: the worker is not versioned, and whichever is there goes on with every run. */
      build: { deploymentName: env.ORDEAL_DEPLOYMENT_NAME, buildId: env.ORDEAL_BUILD_ID },
    }));

/** Reads the API's environment; throws `invalid_request` that names each bad variable and never its value. */
export function apiEnv(environment: Environment): ApiEnv {
  return parse(apiSchema(environment), environment);
}

/** Reads the worker's environment; throws `invalid_request` that names each bad variable and never its value. */
export function workerEnv(environment: Environment): WorkerEnv {
  return parse(workerSchema(environment), environment);
}

function sharedOf(env: z.output<z.ZodObject<ReturnType<typeof shared>>>) {
  return {
    databaseUrl: env.DATABASE_URL,
    temporal: { address: env.TEMPORAL_ADDRESS, namespace: env.TEMPORAL_NAMESPACE, taskQueue: env.TEMPORAL_TASK_QUEUE },
    /** The first seals, every one opens. */
    secretKeys: env.ORDEAL_SECRET_KEY,
    /** Operator's exceptions for private addresses. */
    egressPrivateAllow: env.EGRESS_PRIVATE_ALLOW,
    /** Where people and agents reach the API. */
    publicUrl: env.PUBLIC_URL,
    maxRunDurationMinutes: env.MAX_RUN_DURATION_MINUTES,
    /** Undefined: limits are counted by each process for itself. */
    redis: env.REDIS_URL === undefined ? undefined : { url: env.REDIS_URL, keyPrefix: env.REDIS_KEY_PREFIX },
    /** How many processes of this kind share the limits. */
    limiterProcesses: env.LIMITER_PROCESSES,
    logLevel: env.LOG_LEVEL,
    models: {
      endpoints: { judge: env.ORDEAL_JUDGE_MODELS, attacker: env.ORDEAL_ATTACKER_MODELS, generator: env.ORDEAL_GENERATOR_MODELS },
      /** Operator's exceptions for models alone: no target can be reached through them. */
      privateAllow: env.ORDEAL_MODEL_PRIVATE_ALLOW,
      tokensPerRun: env.ORDEAL_MODEL_TOKENS_PER_RUN,
    },
  };
}

function modelList(environment: Environment) {
  return z.string().default('[]').transform(readModelEndpoints(environment));
}

function readPrivateAllow(text: string, context: z.RefinementCtx): readonly PrivateAllow[] {
  try {
    return parsePrivateAllow(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is not a valid list: ${error instanceof Error ? error.message : 'unreadable'}` });
    return z.NEVER;
  }
}

function parse<Output>(schema: z.ZodType<Output>, environment: Environment): Output {
  // An empty variable is how compose files and CI say "not set".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issues: FieldIssue[] = result.error.issues.map((issue) => ({ field: issue.path.map(String).join('.'), message: issue.message }));
  throw new OrdealError(
    'invalid_request',
    `The environment is not usable:\n${issues.map((issue) => `  ${issue.field} ${issue.message}`).join('\n')}`,
    {
      issues,
    },
  );
}
