import { OrdealError } from './failures.ts';
import type { JsonValue, TargetAuth, TargetDefinition } from './target.ts';
import { renderTemplate, templateReferences } from './template.ts';

/**
 * Variables of a target's URL, headers and body.
 *
 * - `prompt`: the rendered prompt of the step. Not in headers, which cannot hold every text.
 * - `session`: the session id, once there is one.
 */
export const targetVariableNames = ['prompt', 'session'] as const;
export type TargetVariableName = (typeof targetVariableNames)[number];

export interface TargetVariables {
  readonly prompt: string;
  /** Undefined before a session of source `server` is known, and without sessions. */
  readonly sessionId?: string | undefined;
}

export interface TargetRequest {
  readonly method: TargetDefinition['method'];
  readonly url: string;
  /** Without the credential, so that it can be recorded; see `targetAuthHeaders`. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * The request that carries one prompt to the target.
 *
 * The body is rendered value by value and serialized afterwards, so that no prompt can break out of its string. In the
 * URL values are percent-encoded, and its origin is never a template. Without a session id, a body member or a header
 * that is exactly `{{session}}` is left out. Throws `target_config_invalid` when the template cannot be rendered.
 */
export function renderTargetRequest(definition: TargetDefinition, variables: TargetVariables): TargetRequest {
  const session = variables.sessionId ?? '';
  try {
    assertFixedOrigin(definition.url);
    const request = {
      method: definition.method,
      url: renderTemplate(definition.url, { prompt: encodeForUrl(variables.prompt), session: encodeForUrl(session) }),
      headers: renderHeaders(definition, variables.sessionId),
    };
    if (definition.body === undefined) return request;
    const body = renderJson(definition.body, { prompt: variables.prompt, session }, variables.sessionId === undefined);
    return { ...request, body: JSON.stringify(body === leftOut ? '' : body) };
  } catch (error) {
    if (error instanceof OrdealError && error.failure === 'invalid_script') {
      throw new OrdealError('target_config_invalid', error.message, { cause: error, issues: error.issues });
    }
    throw error;
  }
}

/** The headers by which Ordeal identifies itself to the target. They are sent and never recorded. */
export function targetAuthHeaders(auth: TargetAuth | undefined): Readonly<Record<string, string>> {
  if (auth === undefined) return {};
  switch (auth.kind) {
    case 'bearer':
      return { authorization: `Bearer ${auth.token}` };
    case 'basic':
      return { authorization: `Basic ${base64(`${auth.username}:${auth.password}`)}` };
    case 'header':
      return { [auth.name.toLowerCase()]: auth.value };
  }
}

/** The part of a URL template in which no variable may stand: one there would let a prompt choose the host. */
export function urlTemplateOrigin(url: string): string {
  return /^[^:/?#]*:\/*[^/?#]*/.exec(url)?.[0] ?? url;
}

function assertFixedOrigin(url: string): void {
  if (templateReferences(urlTemplateOrigin(url)).length === 0) return;
  throw new OrdealError('target_config_invalid', 'The scheme, host and port of the target URL cannot hold variables.');
}

function renderHeaders(definition: TargetDefinition, sessionId: string | undefined): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { accept: 'application/json, text/plain;q=0.9, */*;q=0.5' };
  if (definition.body !== undefined) headers['content-type'] = 'application/json';
  for (const [name, template] of Object.entries(definition.headers)) {
    if (sessionId === undefined && isSessionAlone(template)) continue;
    headers[name.toLowerCase()] = renderTemplate(template, { session: sessionId ?? '' });
  }
  return headers;
}

const leftOut = Symbol('left out');

function renderJson(
  value: JsonValue,
  variables: Readonly<Record<TargetVariableName, string>>,
  isSessionUnknown: boolean,
): JsonValue | typeof leftOut {
  if (typeof value === 'string') {
    return isSessionUnknown && isSessionAlone(value) ? leftOut : renderTemplate(value, variables);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (isJsonArray(value)) {
    return value.map((member) => renderJson(member, variables, isSessionUnknown)).filter((member) => member !== leftOut);
  }
  const members: [string, JsonValue][] = [];
  for (const [key, member] of Object.entries(value)) {
    const rendered = renderJson(member, variables, isSessionUnknown);
    if (rendered !== leftOut) members.push([key, rendered]);
  }
  return Object.fromEntries(members);
}

function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isSessionAlone(template: string): boolean {
  const [reference] = templateReferences(template);
  return reference?.name === 'session' && reference.start === 0 && reference.end === template.length;
}

function encodeForUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}
