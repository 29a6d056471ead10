import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Sidecar } from '../sidecar/create-sidecar.ts';
import { answer, type AssistantOptions } from './agent/assistant.ts';
import { textOfFile } from './agent/attachments.ts';
import { Sessions } from './sessions.ts';

export interface AgentServerOptions extends AssistantOptions {
  readonly sidecar: Sidecar | undefined;
  readonly latencyMs: number;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const maxBodyBytes = 256 * 1024;
const maxRememberedAnswers = 10_000;

/** An HTTP server in front of an assistant: `GET /health`, `POST /chat`, and `POST /documents` for files of a session. Repeats its answer to a known Idempotency-Key. */
export function createAgentServer(options: AgentServerOptions): Server {
  const sessions = new Sessions();
  const answersByKey = new Map<string, Promise<Answer>>();

  async function chat(request: IncomingMessage, text: string): Promise<Answer> {
    const input = parseChat(text);
    if (input === undefined) return { status: 400, body: { error: 'send JSON like { "sessionId": "…", "message": "…" }' } };
    await pause(options.latencyMs);
    const turn = options.sidecar?.turn({ probeId: headerOf(request, 'x-ordeal-probe-id'), traceparent: headerOf(request, 'traceparent') });
    try {
      const reply = answer(input.message, sessions.get(input.sessionId), { ...options, onCall: (call) => turn?.toolCall(call) });
      return { status: 200, body: { reply, sessionId: input.sessionId } };
    } finally {
      turn?.end();
    }
  }

  function keepDocument(text: string): Answer {
    const input = parseDocument(text);
    if (input === undefined)
      return {
        status: 400,
        body: { error: 'send JSON like { "sessionId": "…", "name": "offer.html", "mediaType": "text/html", "content": "…" }' },
      };
    const { world, userId } = sessions.get(input.sessionId);
    const path = `customers/${userId.toLowerCase()}/${input.name}`;
    world.files.set(path, { owner: userId, content: textOfFile(input.mediaType, input.content) });
    return { status: 201, body: { path } };
  }

  function chatOnce(request: IncomingMessage, text: string): Promise<Answer> {
    const key = headerOf(request, 'idempotency-key');
    if (key === undefined) return chat(request, text);
    const known = answersByKey.get(key);
    if (known !== undefined) return known;
    const fresh = chat(request, text);
    answersByKey.set(key, fresh);
    const oldest = answersByKey.size > maxRememberedAnswers ? answersByKey.keys().next().value : undefined;
    if (oldest !== undefined) answersByKey.delete(oldest);
    return fresh;
  }

  async function handle(request: IncomingMessage): Promise<Answer> {
    const { pathname } = new URL(request.url ?? '/', 'http://agent.invalid');
    if (pathname === '/health' && request.method === 'GET') return { status: 200, body: { status: 'ok', agent: options.guard.name } };
    if (pathname !== '/chat' && pathname !== '/documents')
      return { status: 404, body: { error: 'there are GET /health, POST /chat and POST /documents' } };
    if (request.method !== 'POST') return { status: 405, body: { error: 'use POST' } };
    const text = await readBody(request);
    if (text === undefined) return { status: 413, body: { error: `a message may have ${maxBodyBytes} bytes at most` } };
    return pathname === '/documents' ? keepDocument(text) : chatOnce(request, text);
  }

  return createServer((request, response) => {
    handle(request).then(
      (result) => send(response, result),
      () => send(response, { status: 500, body: { error: 'the assistant failed' } }),
    );
  });
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  return bytes > maxBodyBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}

function parseChat(text: string): { readonly sessionId: string; readonly message: string } | undefined {
  try {
    const input = JSON.parse(text) as { readonly sessionId?: unknown; readonly message?: unknown } | null;
    if (typeof input?.message !== 'string') return undefined;
    return { message: input.message, sessionId: typeof input.sessionId === 'string' ? input.sessionId : randomUUID() };
  } catch {
    return undefined;
  }
}

interface Document {
  readonly sessionId: string;
  readonly name: string;
  readonly mediaType: string;
  readonly content: string;
}

function parseDocument(text: string): Document | undefined {
  try {
    const input = JSON.parse(text) as Partial<Record<keyof Document, unknown>> | null;
    const { sessionId, name, mediaType, content } = input ?? {};
    if (typeof sessionId !== 'string' || typeof name !== 'string' || typeof mediaType !== 'string' || typeof content !== 'string')
      return undefined;
    return /^[\w-]{1,60}\.\w{1,5}$/.test(name) ? { sessionId, name, mediaType, content } : undefined;
  } catch {
    return undefined;
  }
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
