import { afterAll, beforeAll } from 'vitest';

import { hasRedisServer, installRedisServer, startRedisServer, type RunningRedisServer } from '../../scripts/stack/redis-server.ts';

/** Starts a real Redis on a free loopback port, and installs the server first where that is needed and possible. */
async function startTestRedis(): Promise<RunningRedisServer> {
  if (!(await hasRedisServer()) && !(await installRedisServer())) {
    throw new Error('These tests need redis-server on the PATH; on Debian: apt-get install redis-server');
  }
  return startRedisServer({ log: () => undefined });
}

/** A Redis of its own for the tests of a file. */
export function useRedis(): { readonly server: RunningRedisServer } {
  let server: RunningRedisServer | undefined;
  beforeAll(async () => {
    server = await startTestRedis();
  }, 150_000);
  afterAll(async () => {
    await server?.stop();
  });
  return {
    get server() {
      if (server === undefined) throw new Error('Redis is not up yet: use it inside a test');
      return server;
    },
  };
}
