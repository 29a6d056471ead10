import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A chat completion request as the model's server saw it. */
export interface SeenCompletion {
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly body: {
    readonly model: string;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly response_format?: { readonly type: string };
  } & Readonly<Record<string, unknown>>;
}

export interface ModelReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The message of the completion; an object becomes JSON. */
  readonly content?: string | object;
  readonly finishReason?: string;
  /** `null`: the server does not tell. */
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
  /** Sent instead of a completion, as it is. */
  readonly raw?: string;
  /** Never answers; the connection stays open. */
  readonly hangs?: boolean;
}

export interface ChatModelServer {
  readonly baseUrl: string;
  readonly port: number;
  readonly seen: SeenCompletion[];
  /** Decides the answers from now on. */
  reply: (request: SeenCompletion, number: number) => ModelReply | Promise<ModelReply>;
  close(): Promise<void>;
}

/** A server of language models whose every answer the test decides. Speaks the chat completions API on loopback. */
export async function startChatModelServer(reply: ChatModelServer['reply'] = () => ({})): Promise<ChatModelServer> {
  const seen: SeenCompletion[] = [];
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fake: ChatModelServer = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    port,
    seen,
    reply,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as SeenCompletion['body'];
    const one: SeenCompletion = { headers: request.headers, path: request.url ?? '', body };
    seen.push(one);
    const answer = await fake.reply(one, seen.length);
    if (answer.hangs === true) return;
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.raw ?? JSON.stringify(completionOf(body.model, answer)));
  }
  return fake;
}

function completionOf(model: string, { content = 'Hello.', finishReason = 'stop', usage }: ModelReply): object {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: `${model}-2026-01`,
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: finishReason }],
    ...(usage === null ? {} : { usage: usage ?? { prompt_tokens: 100, completion_tokens: 20 } }),
  };
}
