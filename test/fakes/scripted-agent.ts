import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request as the agent under test saw it. */
export interface SeenRequest {
  readonly atMs: number;
  readonly headers: IncomingHttpHeaders;
  readonly message: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** As it came. */
  readonly body: string;
  /** Empty when the request names none. */
  readonly session: string;
  readonly probeId: string;
  /** When the connection ended before the answer was sent. */
  abortedAtMs?: number;
  /** When the whole answer was handed to the connection. */
  answeredAtMs?: number;
}

export interface AgentAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Becomes `{"reply": …}`. */
  readonly reply?: string;
  readonly delayMs?: number;
  /** Ends the connection instead of answering, so that nobody knows what the agent did. */
  readonly isCut?: boolean;
}

export interface ScriptedAgent {
  readonly url: string;
  readonly port: number;
  readonly seen: SeenRequest[];
  close(): Promise<void>;
}

/** An agent under test whose every answer the test decides. Real HTTP on loopback. */
export async function startScriptedAgent(
  answer: (request: SeenRequest, number: number) => AgentAnswer | Promise<AgentAnswer>,
): Promise<ScriptedAgent> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => void handle(request, response));
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const body = (text.startsWith('{') ? JSON.parse(text) : {}) as { readonly message?: string; readonly session?: string };
    const one: SeenRequest = {
      atMs: Date.now(),
      headers: request.headers,
      message: body.message ?? '',
      method: request.method ?? '',
      path: request.url ?? '',
      body: text,
      session: body.session ?? '',
      probeId: String(request.headers['x-ordeal-probe-id']),
    };
    seen.push(one);
    response.on('finish', () => {
      one.answeredAtMs = Date.now();
    });
    response.on('close', () => {
      if (!response.writableFinished) one.abortedAtMs = Date.now();
    });
    const { status = 200, headers = {}, reply = 'I cannot help with that.', delayMs = 0, isCut = false } = await answer(one, seen.length);
    if (delayMs > 0) await sleep(delayMs);
    if (isCut) return void request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ reply }));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/chat`,
    port,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
