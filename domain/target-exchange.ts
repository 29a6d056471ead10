import { assertNever } from './assert-never.ts';
import { OrdealError } from './failures.ts';
import { chatCompletionRequest } from './chat-completion-request.ts';
import type { CleanupMethod, JsonValue, TargetDefinition } from './target.ts';
import { renderTargetRequest, renderToolArguments, type ChatTurn, type TargetRequest } from './target-request.ts';

/** One thing said to a target, and what it is said in. Independent of how the target is talked to. */
export interface TargetExchange {
  readonly content: ExchangeContent;
  /** The id of the session that it belongs to, once there is one. */
  readonly sessionId?: string | undefined;
}

export type ExchangeContent =
  /** `history` is what was said before in this session, for targets that are not stateful. */
  | { readonly kind: 'prompt'; readonly prompt: string; readonly history: readonly ChatTurn[] }
  /** A plain request to the target's own origin; `path` begins with a slash. */
  | {
      readonly kind: 'request';
      readonly method: CleanupMethod;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string;
      /** Statuses from 400 on that are answers. */
      readonly expectStatus?: readonly number[];
    }
  /** A call of a tool of an MCP server. */
  | { readonly kind: 'tool_call'; readonly name: string; readonly arguments: Readonly<Record<string, JsonValue>> }
  /** Asks an MCP server which tools it has. */
  | { readonly kind: 'tool_list' };

/** Scheme, host and port of a target: where its credential may go. */
export function targetOrigin({ url }: Pick<TargetDefinition, 'url'>): string {
  try {
    return new URL(url).origin;
  } catch (cause) {
    throw new OrdealError('target_config_invalid', 'The URL of the target is not valid.', { cause });
  }
}

/**
 * Whether the target remembers what was said in a session. One that does not is sent the conversation so far with every
 * prompt, so that it can always be gone on with.
 */
export function isStateful(definition: TargetDefinition): boolean {
  switch (definition.kind) {
    case 'http':
      return definition.stateful;
    case 'openai':
      return false;
    case 'mcp':
    case 'a2a':
      return true;
    default:
      return assertNever(definition);
  }
}

/** Who names the session: Ordeal, the target (in an answer, or when it is asked for one), or nobody. */
export function sessionNamedBy(definition: TargetDefinition): 'client' | 'server' | 'none' {
  switch (definition.kind) {
    case 'http':
      return definition.session.source === 'endpoint' ? 'server' : definition.session.source;
    case 'openai':
      return 'none';
    case 'mcp':
    case 'a2a':
      return 'server';
    default:
      return assertNever(definition);
  }
}

/**
 * The request that carries an exchange, without the credential. For MCP and A2A it shows what is said; ids and envelope
 * are added by the protocol when it is sent. Throws `target_config_invalid` when it cannot be rendered.
 */
export function renderExchange(definition: TargetDefinition, { content, sessionId }: TargetExchange): TargetRequest {
  switch (content.kind) {
    case 'request':
      return ownRequest(definition, content);
    case 'tool_call':
      return toolRequest(definition, 'tools/call', { name: content.name, arguments: content.arguments });
    case 'tool_list':
      return toolRequest(definition, 'tools/list', {});
    case 'prompt':
      return promptRequest(definition, content, sessionId);
    default:
      return assertNever(content);
  }
}

function promptRequest(
  definition: TargetDefinition,
  { prompt, history }: Extract<ExchangeContent, { kind: 'prompt' }>,
  sessionId: string | undefined,
): TargetRequest {
  switch (definition.kind) {
    case 'http':
      return renderTargetRequest(definition, { prompt, history, sessionId });
    case 'openai':
      return chatCompletionRequest(definition, [...history, { role: 'user', text: prompt }]);
    case 'mcp':
      return toolRequest(definition, 'tools/call', promptToolCall(definition, prompt));
    case 'a2a':
      return messageRequest(definition.url, definition.headers, prompt);
    default:
      return assertNever(definition);
  }
}

/** The call by which an MCP server is sent a prompt. Throws `target_config_invalid` when it has no tool for prompts. */
export function promptToolCall(
  definition: Extract<TargetDefinition, { kind: 'mcp' }>,
  prompt: string,
): { readonly name: string; readonly arguments: Readonly<Record<string, JsonValue>> } {
  const { promptTool } = definition;
  if (promptTool === undefined) {
    throw new OrdealError(
      'target_config_invalid',
      'This MCP server has no tool that takes prompts: set "promptTool", or use steps that call its tools.',
    );
  }
  return { name: promptTool.name, arguments: renderToolArguments(promptTool.arguments, prompt) };
}

function toolRequest(definition: TargetDefinition, method: string, params: JsonValue): TargetRequest {
  if (definition.kind !== 'mcp') {
    throw new OrdealError(
      'target_config_invalid',
      `Tools can be called on a target of kind "mcp"; this one is of kind "${definition.kind}".`,
    );
  }
  const headers = { 'content-type': 'application/json', ...definition.headers };
  return { method: 'POST', url: definition.url, headers, body: JSON.stringify({ method, params }) };
}

function messageRequest(url: string, headers: Readonly<Record<string, string>>, prompt: string): TargetRequest {
  const message = { role: 'user', parts: [{ text: prompt }] };
  const body = JSON.stringify({ method: 'message/send', params: { message } });
  return { method: 'POST', url, headers: { 'content-type': 'application/json', ...headers }, body };
}

function ownRequest(definition: TargetDefinition, content: Extract<ExchangeContent, { kind: 'request' }>): TargetRequest {
  const origin = targetOrigin(definition);
  const url = URL.parse(content.path, origin);
  // A path such as //other.example or /\other.example leads to another host.
  if (!content.path.startsWith('/') || url === null || url.origin !== origin) {
    throw new OrdealError('target_config_invalid', `The path ${JSON.stringify(content.path.slice(0, 100))} leads away from the target.`);
  }
  const { method, headers, body } = content;
  return { method, url: url.href, headers, ...(body === undefined ? {} : { body }) };
}
