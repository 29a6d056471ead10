import crypto from 'node:crypto';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Ports given out by this process, so that two services that start at once never get the same one. */
const givenOut = new Set<number>();

/** Below the range from which systems take the ports of outgoing connections, which may take a free port at any moment. */
const firstPort = 20_000;
const endPort = 32_000;

/** Finds a port on the loopback interface that nobody listens on: the preferred one when it is free, else a random one. */
export async function findFreePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && !givenOut.has(preferred) && (await tryToListen(preferred)) === preferred) {
    givenOut.add(preferred);
    return preferred;
  }
  for (;;) {
    const port = crypto.randomInt(firstPort, endPort);
    if (givenOut.has(port) || (await tryToListen(port)) === null) continue;
    givenOut.add(port);
    return port;
  }
}

/**
 * Whether somebody accepts connections on this loopback port. It connects: a try to listen would take the port away, for a
 * moment, from the server that is just starting.
 */
export function isListenedTo(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Waits a moment for whoever is just ending to let go of the port; throws when it stays taken. */
export async function assertPortIsFree(port: number, owner: string): Promise<void> {
  const deadline = Date.now() + 2_000;
  while ((await tryToListen(port)) === null) {
    if (Date.now() > deadline) throw new Error(`${owner} cannot listen on 127.0.0.1:${port}: address already in use`);
    await sleep(50);
  }
}

function tryToListen(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const found = address === null || typeof address === 'string' ? null : address.port;
      server.close(() => resolve(found));
    });
  });
}
