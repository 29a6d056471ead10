import type { ManagedChild } from './child-process.ts';

/** A server in a process of its own that can be ended and started again, on the same port with the same data. */
export interface RestartableServer {
  /** Of the server that runs now: another one after a restart. */
  readonly pid: number;
  /** Settles when the server that runs now has ended. */
  readonly exited: Promise<unknown>;
  /** Ends the server in order; clients are disconnected. */
  readonly stop: () => Promise<void>;
  /** Ends the server as a crash would. */
  readonly kill9: () => Promise<void>;
  /** Starts it again, after `stop`, `kill9` or a crash. */
  readonly restart: () => Promise<void>;
}

/** Starts a server by `start`, which resolves once it serves; `facts` say where it is reached, before and after a restart. */
export async function startRestartable<Facts extends object>(
  start: () => Promise<ManagedChild>,
  facts: Facts,
): Promise<RestartableServer & Facts> {
  let server = await start();
  const control: RestartableServer = {
    get pid() {
      return server.pid;
    },
    get exited() {
      return server.exited;
    },
    stop: async () => void (await server.stop()),
    kill9: async () => void (await server.kill9()),
    restart: async () => {
      await server.stop();
      server = await start();
    },
  };
  // Onto the object with the getters: a copy of it would keep the first process for ever.
  return Object.assign(control, facts);
}

/** Waits until a server that was just started serves; one that never does is ended. */
export async function servingOrEnded(server: ManagedChild, untilServing: (server: ManagedChild) => Promise<void>): Promise<ManagedChild> {
  try {
    await untilServing(server);
    return server;
  } catch (error) {
    await server.kill9();
    throw error;
  }
}
