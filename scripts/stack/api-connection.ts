import crypto from 'node:crypto';
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

/** Connects to the API with a key; every answer is checked against the schema that its caller expects. */
export function connectToApi(baseUrl: string, apiKey: string): ApiConnection {
  const request = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<string> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(method === 'POST' ? { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new ApiProblem(response.status, `${method} ${path} answered ${response.status}: ${text.slice(0, 1_000)}`);
    return text;
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
