import path from 'node:path';
import pg from 'pg';
import { startPostgres } from './embedded-postgres.ts';
import { findFreePort } from './free-port.ts';
import { type KeptService, keepRunning } from './keep-running.ts';
import { logToFile } from './log-file.ts';
import { hasRedisServer, installRedisServer, startRedisServer } from './redis-server.ts';
import { startTemporalServer } from './temporal-server.ts';

export interface BackingServicesOptions {
  readonly dataDir: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Password of the application's role in a database of our own. */
  readonly databasePassword: string;
  /** Prefer the ports that people know; a stack that lives for a minute leaves them to others. */
  readonly prefersUsualPorts: boolean;
  readonly say: (line: string) => void;
  /** Takes each service as soon as it runs, so that it is stopped whatever happens next. */
  readonly keep: (service: KeptService) => void;
}

export interface BackingServices {
  /** For the processes: the application's role. */
  readonly databaseUrl: string;
  /** For migrations; `null` when the database was given without it, and is migrated by somebody else. */
  readonly databaseAdminUrl: string | null;
  readonly temporalAddress: string;
  readonly temporalUiUrl: string | null;
  /** `null`: there is no Redis, and each process counts limits by itself. */
  readonly redisUrl: string | null;
}

const databaseName = 'ordeal';
const usualPorts = { postgres: 15_432, redis: 16_379, temporal: 7_233, temporalUi: 8_233 };

/** Starts PostgreSQL, Temporal and Redis side by side; each one that the environment names is used as it is. */
export async function startBackingServices(options: BackingServicesOptions): Promise<BackingServices> {
  const [database, temporal, redis] = await Promise.all([provideDatabase(options), provideTemporal(options), provideRedis(options)]);
  return { ...database, ...temporal, ...redis };
}

async function provideDatabase(options: BackingServicesOptions): Promise<Pick<BackingServices, 'databaseUrl' | 'databaseAdminUrl'>> {
  const { environment, dataDir, say } = options;
  const given = environment['DATABASE_URL'];
  if (given !== undefined && given !== '') {
    say('PostgreSQL: the one of DATABASE_URL');
    return { databaseUrl: given, databaseAdminUrl: environment['DATABASE_ADMIN_URL'] || null };
  }
  const startedAt = performance.now();
  const log = logToFile(path.join(dataDir, 'logs', 'postgres.log'));
  const usual = options.prefersUsualPorts ? usualPorts.postgres : undefined;
  const postgres = await onFreePort(usual, (port) => startPostgres({ dataDir: path.join(dataDir, 'postgres'), port, log }));
  options.keep(keepRunning('PostgreSQL', postgres, say));
  await createDatabase(postgres.adminUrl);
  say(`PostgreSQL runs on 127.0.0.1:${postgres.port} ${took(startedAt)}`);
  const adminUrl = new URL(postgres.adminUrl);
  adminUrl.pathname = `/${databaseName}`;
  const appUrl = new URL(adminUrl);
  appUrl.username = 'ordeal_app';
  appUrl.password = options.databasePassword;
  return { databaseUrl: appUrl.href, databaseAdminUrl: adminUrl.href };
}

async function createDatabase(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(databaseName)}`);
  } finally {
    await client.end();
  }
}

async function provideTemporal(options: BackingServicesOptions): Promise<Pick<BackingServices, 'temporalAddress' | 'temporalUiUrl'>> {
  const { environment, dataDir, say } = options;
  const given = environment['TEMPORAL_ADDRESS'];
  if (given !== undefined && given !== '') {
    say(`Temporal: the one at ${given} (TEMPORAL_ADDRESS)`);
    return { temporalAddress: given, temporalUiUrl: null };
  }
  const cliPath = environment['TEMPORAL_CLI'];
  if (cliPath === undefined || cliPath === '') {
    throw new Error('No Temporal CLI is known: run this with `npm start` or `npm run demo`, which find one, or set TEMPORAL_CLI');
  }
  const startedAt = performance.now();
  const log = logToFile(path.join(dataDir, 'logs', 'temporal.log'));
  const dbFile = path.join(dataDir, 'temporal', 'temporal-v1.5.1.db');
  const usual = options.prefersUsualPorts ? usualPorts : { temporal: undefined, temporalUi: undefined };
  const temporal = await onFreePort(usual.temporal, async (port) =>
    startTemporalServer({ cliPath, dbFile, port, uiPort: await findFreePort(usual.temporalUi), log }),
  );
  options.keep(keepRunning('Temporal', temporal, say));
  say(`Temporal runs on ${temporal.address} ${took(startedAt)}`);
  return { temporalAddress: temporal.address, temporalUiUrl: temporal.uiUrl };
}

/** Redis makes limits hold for all processes together; without it everything works, and each process counts by itself. */
async function provideRedis(options: BackingServicesOptions): Promise<Pick<BackingServices, 'redisUrl'>> {
  const { environment, dataDir, say } = options;
  const given = environment['REDIS_URL'];
  if (given !== undefined && given !== '') {
    say('Redis: the one of REDIS_URL');
    return { redisUrl: given };
  }
  if (!(await hasRedisServer()) && !(await installRedisServer())) {
    say('Redis: there is no redis-server, so each process counts rate limits by itself (install redis-server, or set REDIS_URL)');
    return { redisUrl: null };
  }
  const startedAt = performance.now();
  const log = logToFile(path.join(dataDir, 'logs', 'redis.log'));
  const usual = options.prefersUsualPorts ? usualPorts.redis : undefined;
  const redis = await onFreePort(usual, (port) => startRedisServer({ port, log }));
  options.keep(keepRunning('Redis', redis, say));
  say(`Redis runs on 127.0.0.1:${redis.port} ${took(startedAt)}`);
  return { redisUrl: redis.url };
}

const portTries = 3;

/** Starts on a free port; on another one when somebody else was faster to take it. */
async function onFreePort<Service>(usual: number | undefined, start: (port: number) => Promise<Service>): Promise<Service> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(await findFreePort(tries === 1 ? usual : undefined));
    } catch (error) {
      if (tries === portTries || !(error instanceof Error) || !/address already in use/i.test(error.message)) throw error;
    }
  }
}

/** How long something took, for people: `(1.4 s)`. */
export function took(startedAt: number): string {
  return `(${((performance.now() - startedAt) / 1000).toFixed(1)} s)`;
}
