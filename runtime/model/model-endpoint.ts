import { z } from 'zod';

import type { Environment } from '../environment.ts';

/** One model behind an OpenAI-compatible API, as the operator configured it. */
export interface ModelEndpoint {
  /** Without a slash at the end; `/chat/completions` follows it. */
  readonly baseUrl: string;
  readonly model: string;
  /** A function, so that no log line or error that shows an endpoint can show its key. */
  readonly readApiKey: () => string | undefined;
  /** US dollars per million tokens, which is millionths of a dollar per token; absent when not known. */
  readonly priceIn: number | undefined;
  readonly priceOut: number | undefined;
  readonly timeoutMs: number;
  /** How the model is asked for JSON. `json_object` is for servers without schemas: the schema then goes into the prompt. */
  readonly structuredOutput: 'json_schema' | 'json_object';
  /** What the server calls the limit on the answer; some models take only the second name. */
  readonly tokenLimitField: 'max_tokens' | 'max_completion_tokens';
}

const maxEndpoints = 5;

const price = z.number('must be US dollars per million tokens').min(0, 'must not be negative').max(100_000, 'is not a price').optional();

const endpointSchema = z.strictObject({
  baseUrl: z
    .string('is required, such as https://models.example.com/v1')
    .refine(isBaseUrl, 'must be an http or https URL without credentials, query or fragment'),
  model: z.string('is required: the name the API knows the model by').min(1).max(200),
  apiKeyEnv: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'must be the NAME of an environment variable that holds the key, not the key')
    .optional(),
  priceIn: price,
  priceOut: price,
  timeoutSeconds: z.number().min(1, 'must be at least 1').max(600, 'must be at most 600').default(60),
  structuredOutput: z.enum(['json_schema', 'json_object']).default('json_schema'),
  tokenLimitField: z.enum(['max_tokens', 'max_completion_tokens']).default('max_tokens'),
});

/**
 * A zod transform for a JSON list of models, tried in order. Keys are looked up in `environment` at once, so that a
 * missing one ends the start and not the first run. Issues name the place and never a value.
 */
export function readModelEndpoints(environment: Environment): (text: string, context: z.RefinementCtx) => readonly ModelEndpoint[] {
  return (text, context) => {
    const refuse = (message: string): never => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    const document = parseJson(text);
    if (document === undefined) return refuse('is not JSON: write a list such as [{"baseUrl":"https://…/v1","model":"…","apiKeyEnv":"…"}]');
    const parsed = z
      .array(endpointSchema, 'must be a JSON list')
      .max(maxEndpoints, `holds more than ${maxEndpoints} models`)
      .safeParse(document);
    if (!parsed.success)
      return refuse(parsed.error.issues.map((issue) => `[${issue.path.map(String).join('.')}] ${messageOf(issue)}`).join('; '));
    const missing = parsed.data.filter(({ apiKeyEnv }) => apiKeyEnv !== undefined && !environment[apiKeyEnv]);
    if (missing.length > 0) return refuse(`names ${missing.map(({ apiKeyEnv }) => apiKeyEnv).join(', ')}, which is not set`);
    return parsed.data.map((endpoint) => toEndpoint(endpoint, environment));
  };
}

function toEndpoint(given: z.output<typeof endpointSchema>, environment: Environment): ModelEndpoint {
  const apiKey = given.apiKeyEnv === undefined ? undefined : environment[given.apiKeyEnv];
  return {
    baseUrl: given.baseUrl.replace(/\/+$/, ''),
    model: given.model,
    readApiKey: () => apiKey,
    priceIn: given.priceIn,
    priceOut: given.priceOut,
    timeoutMs: given.timeoutSeconds * 1_000,
    structuredOutput: given.structuredOutput,
    tokenLimitField: given.tokenLimitField,
  };
}

/** zod repeats the values that it does not take in some of its own messages. */
function messageOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys' ? 'has a member that is not known' : issue.message;
}

function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
