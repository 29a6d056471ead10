import { assertNever } from './assert-never.ts';
import { OrdealError } from './failures.ts';
import type { CleanupMethod, HttpTargetDefinition, JsonValue, SessionEndpoint, TargetAuth } from './target.ts';
import { renderTemplate, templateReferences } from './template.ts';

/**
 * Variables of a target's URL, headers and body.
 *
 * - `prompt`: the rendered prompt of the step. Not in headers, which cannot hold every text.
 * - `session`: the session id, once there is one.
 * - `messages`: the conversation so far and the prompt, as a list of `{role, content}`. Only as a whole value of the body.
 */
export const targetVariableNames = ['prompt', 'session', 'messages'] as const;
export type TargetVariableName = (typeof targetVariableNames)[number];

/** Something that was said in a session. */
export interface ChatTurn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export interface TargetVariables {
  readonly prompt: string;
  /** What was said before, oldest first; for `messages`. */
  readonly history?: readonly ChatTurn[];
  /** Undefined before a session of source `server` is known, and without sessions. */
  readonly sessionId?: string | undefined;
}

export interface TargetRequest {
  readonly method: CleanupMethod;
  readonly url: string;
  /** Without the credential, so that it can be recorded; see `withCredential`. Names in lower case. */
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
export function renderTargetRequest(definition: HttpTargetDefinition, variables: TargetVariables): TargetRequest {
  const session = variables.sessionId ?? '';
  return asTargetFault(() => {
    assertFixedOrigin(definition.url);
    const request = {
      method: definition.method,
      url: renderTemplate(definition.url, { prompt: encodeForUrl(variables.prompt), session: encodeForUrl(session) }),
      headers: renderHeaders(definition, variables.sessionId),
    };
    if (definition.body === undefined) return request;
    const messages = [...(variables.history ?? []), { role: 'user' as const, text: variables.prompt }];
    const body = renderJson(definition.body, {
      texts: { prompt: variables.prompt, session },
      messages: messages.map(({ role, text }) => ({ role, content: text })),
      isSessionUnknown: variables.sessionId === undefined,
    });
    return { ...request, body: JSON.stringify(body === leftOut ? '' : body) };
  });
}

/** The arguments of a tool that takes a prompt; `{{prompt}}` is filled in inside their strings. */
export function renderToolArguments(template: Readonly<Record<string, JsonValue>>, prompt: string): Readonly<Record<string, JsonValue>> {
  return asTargetFault(() => {
    const rendered = renderJson(template, { texts: { prompt }, messages: [], isSessionUnknown: false });
    return rendered as Readonly<Record<string, JsonValue>>;
  });
}

/** The request that opens a session. Nothing in it is a template. */
export function sessionRequest({ url, method, headers, body }: SessionEndpoint): TargetRequest {
  const content = body === undefined ? {} : { 'content-type': 'application/json' };
  return {
    method,
    url,
    headers: { accept: 'application/json', ...content, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

/** What is sent besides what is recorded: the credential, in a header or in the query. Of OAuth it is the token. */
export function withCredential(request: TargetRequest, auth: Exclude<TargetAuth, { kind: 'oauth_client_credentials' }>): TargetRequest {
  switch (auth.kind) {
    case 'bearer':
      return withHeader(request, 'authorization', `Bearer ${auth.token}`);
    case 'basic':
      return withHeader(request, 'authorization', basicCredential(auth.username, auth.password));
    case 'api_key': {
      if (auth.placement === 'header') return withHeader(request, auth.name.toLowerCase(), auth.value);
      const [whole = '', fragment] = request.url.split('#', 2);
      const query = `${encodeForUrl(auth.name)}=${encodeForUrl(auth.value)}`;
      const url = `${whole}${whole.includes('?') ? '&' : '?'}${query}${fragment === undefined ? '' : `#${fragment}`}`;
      return { ...request, url };
    }
    default:
      return assertNever(auth);
  }
}

/** The value of an Authorization header of scheme Basic. */
export function basicCredential(username: string, password: string): string {
  return `Basic ${base64(`${username}:${password}`)}`;
}

function withHeader(request: TargetRequest, name: string, value: string): TargetRequest {
  return { ...request, headers: { ...request.headers, [name]: value } };
}

/** A template that cannot be rendered is a fault of the target's definition, wherever templates come from otherwise. */
function asTargetFault<Result>(render: () => Result): Result {
  try {
    return render();
  } catch (error) {
    if (error instanceof OrdealError && error.failure === 'invalid_script') {
      throw new OrdealError('target_config_invalid', error.message, { cause: error, issues: error.issues });
    }
    throw error;
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

function renderHeaders(definition: HttpTargetDefinition, sessionId: string | undefined): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { accept: 'application/json, text/plain;q=0.9, */*;q=0.5' };
  if (definition.body !== undefined) headers['content-type'] = 'application/json';
  for (const [name, template] of Object.entries(definition.headers)) {
    if (sessionId === undefined && isSessionAlone(template)) continue;
    headers[name.toLowerCase()] = renderTemplate(template, { session: sessionId ?? '' });
  }
  return headers;
}

const leftOut = Symbol('left out');

interface JsonVariables {
  readonly texts: Readonly<Record<string, string>>;
  readonly messages: JsonValue;
  readonly isSessionUnknown: boolean;
}

function renderJson(value: JsonValue, variables: JsonVariables): JsonValue | typeof leftOut {
  if (typeof value === 'string') {
    if (isAlone(value, 'messages')) return variables.messages;
    return variables.isSessionUnknown && isSessionAlone(value) ? leftOut : renderTemplate(value, variables.texts);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (isJsonArray(value)) return value.map((member) => renderJson(member, variables)).filter((member) => member !== leftOut);
  const members: [string, JsonValue][] = [];
  for (const [key, member] of Object.entries(value)) {
    const rendered = renderJson(member, variables);
    if (rendered !== leftOut) members.push([key, rendered]);
  }
  return Object.fromEntries(members);
}

function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isSessionAlone(template: string): boolean {
  return isAlone(template, 'session');
}

/** True when the template is a reference to this variable and nothing else. */
export function isAlone(template: string, name: TargetVariableName): boolean {
  const [reference] = templateReferences(template);
  return reference?.name === name && reference.start === 0 && reference.end === template.length;
}

function encodeForUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}
