import { inject } from 'vitest';

import { startChild, type ChildExit, type ManagedChild } from '../../scripts/stack/child-process.ts';
import { findFreePort } from '../../scripts/stack/free-port.ts';
import { checkoutRoot, serviceArgs, serviceEnv, type ServiceSettings } from './service-env.ts';

/** An API as an operator runs it: `node api/main.ts`. It never outlives the tests. */
export interface ApiProcess {
  readonly url: string;
  /** The last lines of its log. */
  readonly lastLines: () => readonly string[];
  /** SIGTERM; tells how it ended and how long that took. */
  stop(): Promise<ChildExit & { readonly tookMs: number }>;
  kill9(): Promise<void>;
  /** Again on the same port, after `stop` or `kill9`. */
  start(): Promise<void>;
}

/** Starts an API process and returns when it serves. */
export async function startApiProcess(settings: ServiceSettings): Promise<ApiProcess> {
  const port = await findFreePort();
  let child = await start(settings, port);
  return {
    url: `http://127.0.0.1:${port}`,
    lastLines: () => child.lastLines,
    stop: async () => {
      const startedAtMs = performance.now();
      const exit = await child.stop();
      return { ...exit, tookMs: performance.now() - startedAtMs };
    },
    kill9: async () => void (await child.kill9()),
    start: async () => {
      child = await start(settings, port);
    },
  };
}

async function start(settings: ServiceSettings, port: number): Promise<ManagedChild> {
  const child = await startChild({
    name: 'api',
    command: process.execPath,
    args: serviceArgs('api/main.ts', settings),
    cwd: checkoutRoot,
    env: { ...serviceEnv(settings), API_PORT: String(port), NODE_COMPILE_CACHE: inject('compileCache') },
    log: () => undefined,
    // Longer than it may take to end in order, so that a test sees how it ended.
    stopTimeoutMs: 40_000,
  });
  try {
    await child.waitForLine(/API is ready/, 120_000);
    return child;
  } catch (error) {
    await child.kill9();
    throw error;
  }
}
