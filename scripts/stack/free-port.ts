import net from 'node:net';

/** Ports given out by this process, so that two services that start at once never get the same one. */
const givenOut = new Set<number>();

/** Finds a port on the loopback interface that nobody listens on: the preferred one when it is free. */
export async function findFreePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && !givenOut.has(preferred) && (await tryToListen(preferred)) === preferred) {
    givenOut.add(preferred);
    return preferred;
  }
  for (;;) {
    const port = await tryToListen(0);
    if (port === null || givenOut.has(port)) continue;
    givenOut.add(port);
    return port;
  }
}

/** Whether somebody listens on this loopback port. */
export async function isPortTaken(port: number): Promise<boolean> {
  return (await tryToListen(port)) === null;
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
