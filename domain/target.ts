/**
 * How to talk to an agent under test over HTTP. Pure data: templates and JSONPath, never code.
 * The credential is not part of it; it is stored encrypted beside it (see `TargetAuth`).
 */
export interface TargetDefinition {
  readonly kind: 'http';
  readonly url: string;
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'GET';
  /** Header templates; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Any JSON value; strings in it are templates. Left out for a request without body. */
  readonly body?: JsonValue;
  /** JSONPath (RFC 9535) of the agent's text in its JSON answer; `null` takes the whole body as text. */
  readonly answerPath: string | null;
  /**
   * Where a session id comes from: `client` (Ordeal makes one per script and variant), `server` (read from the first
   * answer by `path`), or `none`.
   */
  readonly session: { readonly source: 'client' } | { readonly source: 'server'; readonly path: string } | { readonly source: 'none' };
  /** True when the target honours `Idempotency-Key`: an attempt of unknown outcome may then be sent again. */
  readonly idempotent: boolean;
  /** Requests to this target at once, over all runs. */
  readonly concurrency: number;
  /** Total time of one request, in milliseconds. */
  readonly timeoutMs: number;
  /** True when a sidecar reports what the agent does; scripts that need events are `inconclusive` without one. */
  readonly sidecar: boolean;
  /** Canaries planted in the agent's context, by name, for `canary_leak` detectors. Test data, not secrets. */
  readonly canaries: Readonly<Record<string, string>>;
  /** The agent's own instructions, for `system_prompt_leak` detectors; kept and shown like the rest of the definition. */
  readonly systemPrompt?: string;
}

/** How Ordeal identifies itself to the target. Stored encrypted; never shown again. */
export type TargetAuth =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'header'; readonly name: string; readonly value: string };

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
