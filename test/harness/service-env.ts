import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import type { ModelPurpose } from '../../domain/model-purpose.ts';
import type { WorkerBuild } from '../../worker/create-worker.ts';

/** What one installation under test shares: every process of it gets the same. */
export interface ServiceSettings {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly taskQueue: string;
  /** Base64, 32 bytes. */
  readonly secretKey: string;
  /** Ports on 127.0.0.1 that requests to targets may reach; nothing else on loopback is. */
  readonly allowPorts: readonly number[];
  /** Default: an unversioned worker. */
  readonly build?: Pick<WorkerBuild, 'deploymentName' | 'buildId'>;
  /** By how much the clock of the process is wrong. */
  readonly clockShiftMs?: number;
  /** Servers of language models, by what they are for. */
  readonly models?: Partial<Record<ModelPurpose, { readonly baseUrl: string; readonly port: number }>>;
}

export const checkoutRoot = fileURLToPath(new URL('../..', import.meta.url));

export function randomTaskQueue(): string {
  return `chaos-${randomBytes(6).toString('hex')}`;
}

export function randomSecretKey(): string {
  return randomBytes(32).toString('base64');
}

/** Rate limits that no test or benchmark of something else reaches. */
export const generousLimits = {
  RATE_LIMIT_READ: '999999+0',
  RATE_LIMIT_WRITE: '999999+0',
  RATE_LIMIT_EXECUTE: '999999+0',
  RATE_LIMIT_DECISION: '999999+0',
  MAX_EVENTS_PER_MINUTE: '1000000',
  MAX_REQUESTS_PER_ORIGIN: '10000',
} as const;

/** What `node` is started with to run one of our processes. */
export function serviceArgs(main: string, { clockShiftMs }: ServiceSettings): string[] {
  return clockShiftMs === undefined ? [main] : ['--import', './test/harness/shift-clock.ts', main];
}

/** The whole environment of a process of ours: nothing of the shell that runs the tests gets into it. */
export function serviceEnv(settings: ServiceSettings): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    DATABASE_URL: settings.databaseUrl,
    TEMPORAL_ADDRESS: settings.temporalAddress,
    TEMPORAL_TASK_QUEUE: settings.taskQueue,
    ORDEAL_SECRET_KEY: settings.secretKey,
    EGRESS_PRIVATE_ALLOW: settings.allowPorts.map((port) => `127.0.0.1/32:${port}`).join(','),
    LOG_LEVEL: 'info',
    ...generousLimits,
    ...(settings.build === undefined
      ? {}
      : { ORDEAL_DEPLOYMENT_NAME: settings.build.deploymentName, ORDEAL_BUILD_ID: settings.build.buildId }),
    ...(settings.clockShiftMs === undefined ? {} : { TEST_CLOCK_SHIFT_MS: String(settings.clockShiftMs) }),
    ...modelEnv(settings.models ?? {}),
  };
}

function modelEnv(models: NonNullable<ServiceSettings['models']>): NodeJS.ProcessEnv {
  const servers = Object.entries(models);
  const lists = servers.map(([purpose, { baseUrl }]) => [
    `ORDEAL_${purpose.toUpperCase()}_MODELS`,
    JSON.stringify([{ baseUrl, model: `fake-${purpose}`, timeoutSeconds: 30 }]),
  ]);
  return {
    ...(Object.fromEntries(lists) as NodeJS.ProcessEnv),
    ORDEAL_MODEL_PRIVATE_ALLOW: servers.map(([, { port }]) => `127.0.0.1/32:${port}`).join(','),
  };
}
