import { createServer, type Server } from 'node:http';

export interface WorkerHealth {
  readonly isReady: boolean;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Serves `/health/live` and `/health/ready` of a worker for probes of the platform it runs on. */
export function startHealthServer(port: number, health: () => WorkerHealth): Server {
  const server = createServer((request, response) => {
    const { isReady, detail } = health();
    const isKnown = request.url === '/health/live' || request.url === '/health/ready';
    const status = isKnown ? (request.url === '/health/live' || isReady ? 200 : 503) : 404;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ ready: isReady, ...detail }));
  });
  server.listen(port, '0.0.0.0');
  return server;
}
