import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions, TLSSocket, TlsOptions } from 'node:tls';

export interface SeenWebRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Common name of the certificate that the client showed. */
  readonly clientName: string | undefined;
  readonly tlsVersion: string | null;
}

export interface WebServer {
  readonly url: string;
  readonly port: number;
  readonly seen: SeenWebRequest[];
  close(): Promise<void>;
}

/** A web server on loopback whose every answer the test decides: an object is sent as JSON with status 200. */
export async function startWebServer(
  answer: (request: SeenWebRequest, response: ServerResponse) => object | undefined,
  tls?: SecureContextOptions & TlsOptions,
): Promise<WebServer> {
  const seen: SeenWebRequest[] = [];
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const socket = tls === undefined ? undefined : (request.socket as TLSSocket);
      const name = socket?.getPeerCertificate().subject?.CN;
      const one: SeenWebRequest = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        clientName: Array.isArray(name) ? name[0] : name,
        tlsVersion: socket?.getProtocol() ?? null,
      };
      seen.push(one);
      const json = answer(one, response);
      if (json !== undefined) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
