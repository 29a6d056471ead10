import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import type { Page } from '../contracts/page.ts';
import { problemSchema, type Problem } from '../contracts/problem.ts';
import { OrdealError } from '../domain/failures.ts';
import { ApiProblemError, ApiUnreachableError } from './api-errors.ts';
import { readServerEvents, type ServerEvent } from './read-server-events.ts';
import type { CliSettings } from './settings.ts';

export interface ApiClientOptions extends CliSettings {
  readonly userAgent: string;
  /** How long to try again before the API has answered once; default 5 s. */
  readonly firstPatienceMs?: number;
  /** How long to try again after that, so that a restart of the API goes unnoticed; default 2 minutes. */
  readonly patienceMs?: number;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Longer than this no answer is waited for. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The API gives up before that: after 10 s for most answers, after two minutes for the test of a target. */
const answerTimeoutMs = 130_000;
const firstPauseMs = 200;
const longestPauseMs = 3_000;

/**
 * The API as this command speaks to it. Reads, and changes with their Idempotency-Key, are sent again when the API is
 * away or asks to; whatever it refuses is thrown as `ApiProblemError`.
 */
export class ApiClient {
  readonly #options: ApiClientOptions;
  #hasAnswered = false;

  constructor(options: ApiClientOptions) {
    this.#options = options;
  }

  async get<Output>(path: string, schema: z.ZodType<Output>): Promise<Output> {
    return parseAnswer(path, await this.getText(path, 'application/json'), schema);
  }

  /** The items of a list, page by page, at most `limit`. */
  async list<Item>(path: string, item: z.ZodType<Item>, limit = 1_000): Promise<Item[]> {
    const page = z.object({ items: z.array(item), nextCursor: z.string().nullable() });
    const items: Item[] = [];
    for await (const found of this.pages(path, page, limit)) items.push(...found.items);
    return items;
  }

  /** The pages of a list whose pages tell more than items, with at most `limit` items together. */
  async *pages<Found extends Page<unknown>>(path: string, schema: z.ZodType<Found>, limit = 1_000): AsyncGenerator<Found> {
    let cursor: string | null = null;
    let items = 0;
    do {
      const query: string = new URLSearchParams({
        limit: String(Math.min(100, limit - items)),
        ...(cursor === null ? {} : { cursor }),
      }).toString();
      const found: Found = await this.get(`${path}${path.includes('?') ? '&' : '?'}${query}`, schema);
      yield found;
      items += found.items.length;
      cursor = found.nextCursor;
    } while (cursor !== null && items < limit);
  }

  getText(path: string, accept: string): Promise<string> {
    return this.#text({ method: 'GET', path, headers: { accept } });
  }

  /** As `getText`, for what is no text. */
  getBytes(path: string, accept: string): Promise<Buffer> {
    return this.#bytes({ method: 'GET', path, headers: { accept } });
  }

  /** Makes one change, however often it has to be sent until it is answered. */
  post<Output>(path: string, schema: z.ZodType<Output>, body?: unknown): Promise<Output> {
    return this.#change({ method: 'POST', path }, schema, body);
  }

  /** As `post`, for a change of what there is. */
  patch<Output>(path: string, schema: z.ZodType<Output>, body: unknown): Promise<Output> {
    return this.#change({ method: 'PATCH', path }, schema, body);
  }

  async #change<Output>(target: Pick<Call, 'method' | 'path'>, schema: z.ZodType<Output>, body: unknown): Promise<Output> {
    const call: Call = { ...target, headers: { accept: 'application/json', 'idempotency-key': randomUUID() } };
    return parseAnswer(call.path, await this.#text(body === undefined ? call : withJsonBody(call, body)), schema);
  }

  /** One connection to an event stream; ends or throws when that does. Connecting again is the caller's part. */
  async *stream(
    path: string,
    options: { readonly lastEventId: string | undefined; readonly signal: AbortSignal },
  ): AsyncGenerator<ServerEvent> {
    const { lastEventId, signal } = options;
    const headers = { accept: 'text/event-stream', ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) };
    const response = await this.#send({ method: 'GET', path, headers, signal });
    if (response.body === null) return;
    yield* readServerEvents(response.body);
  }

  async #text(call: Call): Promise<string> {
    return decodeText(await this.#bytes(call));
  }

  async #bytes(call: Call): Promise<Buffer> {
    const startedAtMs = Date.now();
    for (let attempt = 0; ; attempt += 1) {
      try {
        const response = await this.#send({ ...call, timeoutMs: answerTimeoutMs });
        return await readBytes(response, this.#options.url);
      } catch (error) {
        const patienceMs = this.#hasAnswered ? (this.#options.patienceMs ?? 120_000) : (this.#options.firstPatienceMs ?? 5_000);
        const pauseMs = pauseBefore(attempt, error);
        if (pauseMs === undefined || Date.now() - startedAtMs + pauseMs > patienceMs) throw error;
        await sleep(pauseMs);
      }
    }
  }

  /** The response to one request, which is a success; its body is still to be read. */
  async #send({ method, path, headers, body, timeoutMs, signal }: Call): Promise<Response> {
    const { url, apiKey, userAgent } = this.#options;
    const deadline = timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)];
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'user-agent': userAgent, ...headers },
      redirect: 'manual',
      signal: AbortSignal.any([...deadline, ...(signal === undefined ? [] : [signal])]),
      ...(body === undefined ? {} : { body }),
    }).catch((error: unknown) => {
      if (signal?.aborted === true) throw error;
      throw new ApiUnreachableError(`The API at ${url} cannot be reached (${causeOf(error)}).`, { cause: error });
    });
    this.#hasAnswered = true;
    if (response.ok) return response;
    throw await readProblem(response, url);
  }
}

function withJsonBody(call: Call, body: unknown): Call {
  return { ...call, headers: { ...call.headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Undefined when the same thing sent again would fail again. */
function pauseBefore(attempt: number, error: unknown): number | undefined {
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** attempt) * (0.75 + Math.random() / 2);
  if (error instanceof ApiUnreachableError) return pauseMs;
  if (!(error instanceof ApiProblemError)) return undefined;
  const { status, type } = error.problem;
  const isPassing =
    (status === 429 && !type.endsWith(':quota_exceeded')) ||
    status === 502 ||
    status === 503 ||
    status === 504 ||
    type.endsWith(':idempotency_in_flight');
  return isPassing ? Math.max(pauseMs, error.retryAfterMs ?? 0) : undefined;
}

function decodeText(bytes: Buffer): string {
  return new TextDecoder().decode(bytes);
}

async function readBytes(response: Response, url: string): Promise<Buffer> {
  try {
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw new ApiUnreachableError(`The connection to the API at ${url} broke (${causeOf(error)}).`, { cause: error });
  }
}

async function readProblem(response: Response, url: string): Promise<Error> {
  const text = decodeText(await readBytes(response, url));
  const parsed = problemSchema.safeParse(parseJson(text));
  const retryAfterSeconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterMs = Number.isFinite(retryAfterSeconds) ? retryAfterSeconds * 1000 : undefined;
  if (parsed.success) return new ApiProblemError(parsed.data, retryAfterMs);
  // A proxy in front of the API, or another program on its port.
  const foreign: Problem = {
    type: 'about:blank',
    title: `What answers at ${url} does not answer as the API of Ordeal`,
    status: response.status,
    detail: `It answered with status ${response.status}. Check ORDEAL_URL.`,
    instance: new URL(response.url).pathname,
    requestId: response.headers.get('x-request-id') ?? 'none',
  };
  return new ApiProblemError(foreign, retryAfterMs);
}

function parseAnswer<Output>(path: string, text: string, schema: z.ZodType<Output>): Output {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new OrdealError(
    'internal',
    `The answer of ${path} is not as expected. Do this command and the API have the same version?\n${z.prettifyError(parsed.error)}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const cause: unknown = error.cause;
  if (cause instanceof Error) return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  return error.message;
}
