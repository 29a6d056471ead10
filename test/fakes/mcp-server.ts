import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { z } from 'zod';

export interface SeenMcpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of JSON-RPC. */
  readonly rpcMethod: string;
  readonly body: string;
}

export interface TestMcpServer {
  readonly url: string;
  readonly port: number;
  readonly seen: SeenMcpRequest[];
  /** Forgets every session, as a server that was started again. */
  forget(): void;
  close(): Promise<void>;
}

export interface McpServerOptions {
  /** False for a server that keeps no sessions. */
  readonly hasSessions?: boolean;
  /** Answers with JSON instead of a stream of events. */
  readonly answersJson?: boolean;
  /** Takes over a request when it returns true. */
  readonly intercept?: (seen: SeenMcpRequest, response: ServerResponse) => boolean;
}

/** A real MCP server over Streamable HTTP with three tools: `echo`, `count` (calls of this session) and `fail`. */
export async function startMcpServer(options: McpServerOptions = {}): Promise<TestMcpServer> {
  const { hasSessions = true, answersJson = false } = options;
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const seen: SeenMcpRequest[] = [];
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/mcp`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const rpcMethod = body === '' ? '' : String((JSON.parse(body) as { readonly method?: string }).method);
    const one = { method: request.method ?? '', headers, rpcMethod, body };
    seen.push(one);
    if (options.intercept?.(one, response) === true) return;
    const transport = await transportFor(headers['mcp-session-id']);
    if (transport === undefined) return void response.writeHead(404).end();
    const init = { method: one.method, headers, ...(body === '' ? {} : { body }) };
    const answer = await transport.handleRequest(new Request(url, init));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  }

  async function transportFor(sessionId: string | undefined): Promise<WebStandardStreamableHTTPServerTransport | undefined> {
    if (hasSessions && sessionId !== undefined) return sessions.get(sessionId);
    const transport: WebStandardStreamableHTTPServerTransport = new WebStandardStreamableHTTPServerTransport({
      enableJsonResponse: answersJson,
      ...(hasSessions
        ? { sessionIdGenerator: () => randomUUID(), onsessioninitialized: (id: string) => void sessions.set(id, transport) }
        : {}),
    });
    await makeServer().connect(transport);
    return transport;
  }

  return {
    url,
    port,
    seen,
    forget: () => sessions.clear(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function makeServer(): McpServer {
  const server = new McpServer({ name: 'test-tools', version: '1' });
  let calls = 0;
  server.registerTool('echo', { description: 'Says it again', inputSchema: z.object({ text: z.string() }) }, ({ text }) => ({
    content: [{ type: 'text', text: `You said: ${text}` }],
  }));
  server.registerTool('count', { description: 'Counts its calls', inputSchema: z.object({}) }, () => {
    calls += 1;
    return { content: [{ type: 'text', text: String(calls) }] };
  });
  server.registerTool('fail', { description: 'Always fails', inputSchema: z.object({}) }, () => ({
    content: [{ type: 'text', text: 'The disk is on fire' }],
    isError: true,
  }));
  return server;
}
