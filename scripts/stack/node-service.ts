import { setTimeout as sleep } from 'node:timers/promises';
import { type ManagedChild, startChild } from './child-process.ts';
import type { Restartable } from './keep-running.ts';
import type { LogSink } from './log-file.ts';

export interface NodeServiceOptions {
  readonly name: string;
  /** Path of the script from the root of the checkout. */
  readonly script: string;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: LogSink;
  /** Answers 2xx once the service is ready; without one it counts as ready when it has started. */
  readonly readyUrl?: string;
}

const readyTimeoutMs = 30_000;
/** Long enough for a graceful shutdown, short enough that the whole stack is gone within 30 s. */
const stopTimeoutMs = 18_000;

/** Starts one of our own processes and returns when it is ready; rejects with its last lines when it ends before. */
export async function startNodeService(options: NodeServiceOptions): Promise<Restartable> {
  const start = async (): Promise<ManagedChild> => {
    const child = await startChild({
      name: options.name,
      command: process.execPath,
      args: [options.script],
      cwd: options.root,
      env: options.env,
      log: options.log,
      stopTimeoutMs,
    });
    try {
      if (options.readyUrl !== undefined) await waitUntilReady(child, options.readyUrl);
      return child;
    } catch (error) {
      await child.kill9();
      throw error;
    }
  };
  let child = await start();
  return {
    get exited() {
      return child.exited;
    },
    stop: async () => {
      await child.stop();
    },
    restart: async () => {
      await child.stop();
      child = await start();
    },
  };
}

/** Runs one of our own scripts to its end; rejects with its last lines when it fails. */
export async function runNodeScript(options: Omit<NodeServiceOptions, 'readyUrl'>): Promise<void> {
  const child = await startChild({
    name: options.name,
    command: process.execPath,
    args: [options.script],
    cwd: options.root,
    env: options.env,
    log: options.log,
  });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(endedEarly(child));
}

async function waitUntilReady(child: ManagedChild, url: string): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  let last = 'no answer';
  while (child.isAlive()) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      if (response.ok) return;
      last = `HTTP ${response.status}: ${(await response.text()).slice(0, 500)}`;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > deadline) throw new Error(`${child.name} was not ready after ${readyTimeoutMs / 1000} s (${last}):\n${tail(child)}`);
    await sleep(50);
  }
  await child.exited;
  throw new Error(endedEarly(child));
}

function endedEarly(child: ManagedChild): string {
  return `${child.name} failed. Its last lines:\n${tail(child)}`;
}

function tail(child: ManagedChild): string {
  return child.lastLines
    .slice(-15)
    .map((line) => `  [${child.name}] ${line}`)
    .join('\n');
}
