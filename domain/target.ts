import type { SideEffect } from './script.ts';

/**
 * How to talk to an agent under test. Pure data: templates and JSONPath, never code. The credential is not part of it;
 * it is stored encrypted beside it (see `TargetAuth`).
 */
export type TargetDefinition = HttpTargetDefinition | OpenAiTargetDefinition | McpTargetDefinition | A2aTargetDefinition;

/** What every kind of target has. */
interface CommonTargetDefinition {
  /** True when the target honours `Idempotency-Key`: an attempt of unknown outcome may then be sent again. */
  readonly idempotent: boolean;
  /** Requests to this target at once, over all runs. */
  readonly concurrency: number;
  /** Total time of one exchange, in milliseconds: what comes before the prompt (a token, a session) counts. */
  readonly timeoutMs: number;
  /** True when a sidecar reports what the agent does; scripts that need events are `inconclusive` without one. */
  readonly sidecar: boolean;
  /** Canaries planted in the agent's context, by name, for `canary_leak` detectors. Test data, not secrets. */
  readonly canaries: Readonly<Record<string, string>>;
  /** The agent's own instructions, for `system_prompt_leak` detectors; kept and shown like the rest of the definition. */
  readonly systemPrompt?: string;
  readonly tls?: TargetTls;
}

/** How the TLS connection to the target's own origin is made. There is no option to verify less. */
export interface TargetTls {
  /** PEM of the only authority that may have signed the target's certificate; without it the public ones. */
  readonly ca?: string;
  /** The name that the certificate must be for, where it is not the host of the URL. */
  readonly servername?: string;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
}

export const requestMethods = ['POST', 'PUT', 'PATCH', 'GET'] as const;
export type RequestMethod = (typeof requestMethods)[number];

/** Methods of a request that cleans up what a step has left behind. */
export const cleanupMethods = ['DELETE', ...requestMethods] as const;
export type CleanupMethod = (typeof cleanupMethods)[number];

/** An agent behind an HTTP endpoint of any shape. */
export interface HttpTargetDefinition extends CommonTargetDefinition {
  readonly kind: 'http';
  readonly url: string;
  readonly method: RequestMethod;
  /** Header templates; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Any JSON value; strings in it are templates. Left out for a request without body. */
  readonly body?: JsonValue;
  /** JSONPath (RFC 9535) of the agent's text in its JSON answer; `null` takes the whole body as text. */
  readonly answerPath: string | null;
  readonly session: TargetSession;
  /** False when the agent keeps nothing between requests: the body then carries `{{messages}}`, the conversation so far. */
  readonly stateful: boolean;
}

/**
 * Where a session id comes from: `client` (Ordeal makes one per script and variant), `server` (read from the first
 * answer by `path`), `endpoint` (asked for before the first prompt), or `none`.
 */
export type TargetSession =
  | { readonly source: 'client' }
  | { readonly source: 'server'; readonly path: string }
  | SessionEndpoint
  | { readonly source: 'none' };

/** A request that opens a session. The credential goes along when it is of the target's own origin. */
export interface SessionEndpoint {
  readonly source: 'endpoint';
  readonly url: string;
  readonly method: RequestMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: JsonValue;
  /** JSONPath of the session id in its JSON answer. */
  readonly path: string;
}

/** An OpenAI-compatible chat completion. It keeps nothing between requests, so Ordeal sends the conversation each time. */
export interface OpenAiTargetDefinition extends CommonTargetDefinition {
  readonly kind: 'openai';
  /** The base, such as `https://api.example.com/v1`; `/chat/completions` is added. */
  readonly url: string;
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
  /** False when the endpoint has the system prompt already and it is declared only so that a leak is recognised. */
  readonly sendSystemPrompt: boolean;
  /** Offered to the model. Its calls are evidence of what it wanted to do; nothing is carried out. */
  readonly tools: readonly OfferedTool[];
  /** True to have the answer streamed as server-sent events. */
  readonly stream: boolean;
  /** Further members of the request, such as `temperature` or `max_tokens`. */
  readonly parameters: Readonly<Record<string, JsonValue>>;
}

export interface OfferedTool {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of its arguments. */
  readonly parameters: JsonValue;
  /** What a call would do to the world. */
  readonly effect: SideEffect;
}

/** An MCP server over Streamable HTTP. */
export interface McpTargetDefinition extends CommonTargetDefinition {
  readonly kind: 'mcp';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The tool that takes prompts; without it only steps that call tools can be tested. `{{prompt}}` stands in `arguments`. */
  readonly promptTool?: { readonly name: string; readonly arguments: Readonly<Record<string, JsonValue>> };
}

/** An agent that speaks the A2A protocol. */
export interface A2aTargetDefinition extends CommonTargetDefinition {
  readonly kind: 'a2a';
  /** The base URL of the agent; its card must name an address of the same origin. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Path of the agent card. */
  readonly cardPath: string;
}

/** The kinds of `TargetAuth`, which may be shown. */
export const targetAuthKinds = ['bearer', 'basic', 'api_key', 'oauth_client_credentials'] as const;

/** How Ordeal identifies itself to the target. Stored encrypted; never shown again. */
export type TargetAuth =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'api_key'; readonly placement: 'header' | 'query'; readonly name: string; readonly value: string }
  | OAuthClientCredentials;

/** The client credentials grant of RFC 6749, section 4.4. */
export interface OAuthClientCredentials {
  readonly kind: 'oauth_client_credentials';
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Separated by spaces. */
  readonly scope?: string;
  readonly audience?: string;
  /** How the client identifies itself to the token endpoint: HTTP Basic, or in the body. */
  readonly clientAuthentication: 'basic' | 'body';
}

/** For a target that asks its clients for a certificate. Stored and treated like `TargetAuth`. */
export interface ClientCertificate {
  /** PEM, with intermediates. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  readonly passphrase?: string;
}

/** All that is secret of a target, as it is sealed. */
export interface TargetSecrets {
  /** The origin that they were given for. To another they are never sent. */
  readonly origin: string;
  readonly auth?: TargetAuth;
  readonly clientCertificate?: ClientCertificate;
}

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
