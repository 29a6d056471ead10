import { createServer, type Server } from 'node:http';

export interface WorkerHealth {
  readonly isReady: boolean;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Serves `/health/live` and `/health/ready` of a worker for probes of the platform it runs on. */
export function startHealthServer(address: { readonly host: string; readonly port: number }, health: () => WorkerHealth): Server {
  const server = createServer((request, response) => {
    const { isReady, detail } = health();
    response
      .writeHead(statusOf(request.url, isReady), { 'content-type': 'application/json' })
      .end(JSON.stringify({ ready: isReady, ...detail }));
  });
  server.listen(address.port, address.host);
  return server;
}

function statusOf(url: string | undefined, isReady: boolean): number {
  if (url === '/health/live') return 200;
  if (url === '/health/ready') return isReady ? 200 : 503;
  return 404;
}
