import { Client, ProtocolError, StreamableHTTPClientTransport, type FetchLike } from '@modelcontextprotocol/client';

export interface McpSessionOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Everything that is sent goes through it. */
  readonly fetch: FetchLike;
  readonly clientVersion: string;
  /** From `McpSession.handle` of an earlier one: goes on in the same session of the server, without a new handshake. */
  readonly handle?: string | undefined;
  /** After which an answer is not waited for any more. `fetch` bounds each request by itself. */
  readonly timeoutMs: number;
}

export interface McpToolResult {
  readonly text: string;
  /** The tool ran and says itself that it failed. */
  readonly isError: boolean;
}

export interface McpTool {
  readonly name: string;
  readonly description: string;
}

/** The server answered a request with an error of JSON-RPC. */
export class McpRequestRefused extends Error {
  readonly code: number;

  constructor(code: number, message: string, cause: unknown) {
    super(`The MCP server answered with error ${code}: ${message.slice(0, 300)}`, { cause });
    this.name = 'McpRequestRefused';
    this.code = code;
  }
}

const handlePattern = /^([\d-]{1,20})\/([\x21-\x7e]{1,1000})$/;
const maxToolPages = 20;

/** A session with an MCP server over Streamable HTTP. Nothing is listened for between requests. */
export class McpSession {
  readonly #client: Client;
  readonly #transport: StreamableHTTPClientTransport;
  readonly #limits: { readonly timeout: number };
  readonly #broken = Promise.withResolvers<never>();

  private constructor(client: Client, transport: StreamableHTTPClientTransport, options: McpSessionOptions) {
    this.#client = client;
    this.#transport = transport;
    this.#limits = { timeout: options.timeoutMs };
    this.#broken.promise.catch(() => undefined);
  }

  /** Shakes hands with the server, or takes up the session that `handle` names. */
  static async open(options: McpSessionOptions): Promise<McpSession> {
    const [, protocolVersion, sessionId] = handlePattern.exec(options.handle ?? '') ?? [];
    const transport = new StreamableHTTPClientTransport(new URL(options.url), {
      fetch: options.fetch,
      requestInit: { headers: options.headers, redirect: 'error' },
      reconnectionOptions: { maxRetries: 0, initialReconnectionDelay: 1, maxReconnectionDelay: 1, reconnectionDelayGrowFactor: 1 },
      ...(protocolVersion === undefined || sessionId === undefined ? {} : { protocolVersion, sessionId }),
    });
    const client = new Client({ name: 'ordeal', version: options.clientVersion });
    const session = new McpSession(client, transport, options);
    await client.connect(transport, session.#limits);
    return session;
  }

  /** What another `McpSession` needs to go on in this session; undefined for a server that keeps none. */
  get handle(): string | undefined {
    const { sessionId, protocolVersion } = this.#transport;
    return sessionId === undefined || protocolVersion === undefined ? undefined : `${protocolVersion}/${sessionId}`;
  }

  /** Calls a tool once. Throws `McpRequestRefused` for an error of the protocol, such as a tool that there is not. */
  async callTool(name: string, args: Readonly<Record<string, unknown>>): Promise<McpToolResult> {
    const result = await this.#request(() => this.#client.callTool({ name, arguments: { ...args } }, this.#limits));
    const content: readonly unknown[] = Array.isArray(result.content) ? result.content : [];
    const text = content.map(textOf).join('\n');
    const structured = text === '' && result.structuredContent !== undefined ? JSON.stringify(result.structuredContent) : text;
    return { text: structured, isError: result.isError === true };
  }

  /** The tools that the server offers. */
  async listTools(): Promise<readonly McpTool[]> {
    const tools: McpTool[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < maxToolPages; page += 1) {
      const params = cursor === undefined ? {} : { cursor };
      const result = await this.#request(() => this.#client.listTools(params, this.#limits));
      tools.push(...result.tools.map(({ name, description }) => ({ name, description: description ?? '' })));
      cursor = result.nextCursor;
      if (cursor === undefined) break;
    }
    return tools;
  }

  /** Ends what this process holds of the session. The server keeps it for the next one that has its handle. */
  async close(): Promise<void> {
    await this.#client.close();
  }

  /** A stream that ends without the answer would otherwise be waited for until the time is over. */
  async #request<Result>(send: () => Promise<Result>): Promise<Result> {
    this.#client.onerror = (error) => this.#broken.reject(error);
    try {
      return await Promise.race([send(), this.#broken.promise]);
    } catch (error) {
      if (error instanceof ProtocolError) throw new McpRequestRefused(error.code, error.message, error);
      throw error;
    }
  }
}

function textOf(part: unknown): string {
  const { type, text, resource, mimeType } = part as Readonly<Record<string, unknown>>;
  if (typeof text === 'string') return text;
  const inner = typeof resource === 'object' && resource !== null ? (resource as Readonly<Record<string, unknown>>)['text'] : undefined;
  if (typeof inner === 'string') return inner;
  return `[${[type, mimeType].filter((word) => typeof word === 'string').join(' ')}]`;
}
