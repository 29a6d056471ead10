import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ListeningServer {
  readonly server: Server;
  readonly url: string;
  /** Takes no new connection and resolves when the requests in flight have been answered, or after `drainMs`. */
  readonly drain: () => Promise<void>;
}

/** A client has this long for its headers, and this long for the whole request: slow ones must not hold a socket. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
const drainMs = 20_000;

/** Serves `app` on host and port; port 0 picks a free one. */
export async function listen(app: RequestListener, address: { readonly host: string; readonly port: number }): Promise<ListeningServer> {
  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, connectionsCheckingInterval: 1_000, keepAliveTimeout: 5_000 },
    app,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return { server, url: `http://${host}:${port}`, drain: () => drain(server) };
}

async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A kept-alive connection has no request in flight, but only its next one would end it.
  const sweep = setInterval(() => server.closeIdleConnections(), 100);
  const deadline = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
