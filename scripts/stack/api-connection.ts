import crypto from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** The API as its clients see it. */
export interface ApiConnection {
  readonly baseUrl: string;
  readonly get: <Output>(path: string, schema: z.ZodType<Output>) => Promise<Output>;
  readonly getText: (path: string) => Promise<string>;
  readonly post: <Output>(path: string, body: unknown, schema: z.ZodType<Output>) => Promise<Output>;
}

/** An answer of the API that is not 2xx. */
export class ApiProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiProblem';
    this.status = status;
  }
}

const timeoutMs = 20_000;
/** How often a request that came too soon is sent again. */
const maxRepeats = 5;
const longestPauseSeconds = 30;

/** Connects to the API with a key; every answer is checked against the schema that its caller expects. */
export function connectToApi(baseUrl: string, apiKey: string): ApiConnection {
  const send = (method: 'GET' | 'POST', path: string, init: { headers: Record<string, string>; body?: string }): Promise<Response> =>
    fetch(`${baseUrl}${path}`, { method, signal: AbortSignal.timeout(timeoutMs), ...init });
  const request = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<string> => {
    const posting = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
    const headers = { authorization: `Bearer ${apiKey}`, ...(method === 'POST' ? posting : {}) };
    const init = { headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    for (let repeats = 0; ; repeats += 1) {
      const response = await send(method, path, init);
      const text = await response.text();
      if (response.ok) return text;
      const pauseSeconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      if (response.status !== 429 || repeats === maxRepeats || !(pauseSeconds <= longestPauseSeconds)) {
        throw new ApiProblem(response.status, `${method} ${path} answered ${response.status}: ${text.slice(0, 1_000)}`);
      }
      await sleep(pauseSeconds * 1_000);
    }
  };
  const parse = <Output>(path: string, text: string, schema: z.ZodType<Output>): Output => {
    const result = schema.safeParse(JSON.parse(text));
    if (!result.success) throw new Error(`The answer of ${path} is not as expected: ${z.prettifyError(result.error)}`);
    return result.data;
  };
  return {
    baseUrl,
    get: async (path, schema) => parse(path, await request('GET', path), schema),
    getText: (path) => request('GET', path),
    post: async (path, body, schema) => parse(path, await request('POST', path, body), schema),
  };
}
