import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type ManagedChild, startChild } from './child-process.ts';
import { assertPortIsFree, findFreePort, isListenedTo } from './free-port.ts';
import type { LogSink } from './log-file.ts';
import { type RestartableServer, servingOrEnded, startRestartable } from './restartable-server.ts';

export interface RedisServerOptions {
  /** Default: any free one. */
  readonly port?: number;
  readonly log: LogSink;
}

export interface RunningRedisServer extends RestartableServer {
  readonly url: string;
  readonly port: number;
}

const run = promisify(execFile);
const startTimeoutMs = 10_000;
const installTimeoutMs = 120_000;

/** Whether `redis-server` can be started here. */
export async function hasRedisServer(): Promise<boolean> {
  try {
    await run('redis-server', ['--version'], { timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
}

/** Installs Debian's package where this process may do that; tells whether `redis-server` is there now. */
export async function installRedisServer(): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', ['install', '--yes', '--no-install-recommends', 'redis-server'], { env, timeout: installTimeoutMs });
  } catch {
    return false;
  }
  return hasRedisServer();
}

/** Starts a Redis on the loopback interface that keeps nothing on disk, and returns when it serves. */
export async function startRedisServer(options: RedisServerOptions): Promise<RunningRedisServer> {
  const port = options.port ?? (await findFreePort());
  const start = async (): Promise<ManagedChild> => {
    // Otherwise the server that has the port would be taken for ours.
    await assertPortIsFree(port, 'Redis');
    const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no', '--maxmemory', '256mb'];
    const server = await startChild({ name: 'redis', command: 'redis-server', args, log: options.log, stopTimeoutMs: 5_000 });
    return servingOrEnded(server, () => waitUntilListening(server, port));
  };
  return startRestartable(start, { url: `redis://127.0.0.1:${port}`, port });
}

async function waitUntilListening(server: ManagedChild, port: number): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  while (!(await isListenedTo(port))) {
    if (!server.isAlive()) {
      await server.exited;
      throw new Error(`The Redis server ended while starting:\n  ${server.lastLines.slice(-8).join('\n  ')}`);
    }
    if (Date.now() > deadline) throw new Error(`The Redis server on port ${port} did not serve within ${startTimeoutMs / 1_000} s`);
    await sleep(10);
  }
}
