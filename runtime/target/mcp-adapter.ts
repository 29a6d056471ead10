import { failureOfStatus } from '../../domain/answer-status.ts';
import { OrdealError } from '../../domain/failures.ts';
import type { McpTargetDefinition } from '../../domain/target.ts';
import { promptToolCall, type TargetExchange } from '../../domain/target-exchange.ts';
import { EgressFault } from '../egress/egress-fault.ts';
import { McpRequestRefused, McpSession } from '../mcp/mcp-session.ts';
import { ProtocolFetch } from './protocol-fetch.ts';
import { toStorableText } from './read-answer.ts';
import type { TargetLine } from './target-line.ts';
import { replyOf, toTargetResponse, type TargetReply } from './target-reply.ts';

const opening = 'Opening the MCP session';
const ownWorkMs = 30_000;

/** JSON-RPC: the server does not know the method or does not take these parameters. */
const ownFaultCodes: ReadonlySet<number> = new Set([-32_600, -32_601, -32_602]);

/** A tool call, or the list of tools, in a session with an MCP server that is opened or gone on with. */
export async function exchangeByMcp(line: TargetLine, definition: McpTargetDefinition, exchange: TargetExchange): Promise<TargetReply> {
  const work = workOf(definition, exchange);
  // Not GET: what a server would say of itself between requests is not listened for.
  const protocol = new ProtocolFetch(line, { what: opening, methods: ['POST'] });
  const session = await openSession(line, definition, { protocol, handle: exchange.sessionId });
  try {
    protocol.beginSaying();
    const text = toStorableText(await work(session));
    const received = line.said;
    if (received === undefined) throw new Error('The MCP client answered without having sent anything');
    return replyOf(received, () => ({ text, sessionId: session.handle, toolCalls: [] }));
  } catch (error) {
    return unusable(line, protocol, error);
  } finally {
    await session.close();
  }
}

function workOf(definition: McpTargetDefinition, { content }: TargetExchange): (session: McpSession) => Promise<string> {
  if (content.kind === 'tool_list') {
    return async (session) => (await session.listTools()).map(({ name, description }) => `${name}: ${description}`).join('\n');
  }
  if (content.kind === 'request') throw new OrdealError('internal', 'A plain request does not go over MCP.');
  const call = content.kind === 'prompt' ? promptToolCall(definition, content.prompt) : content;
  return async (session) => (await session.callTool(call.name, call.arguments)).text;
}

async function openSession(
  line: TargetLine,
  definition: McpTargetDefinition,
  { protocol, handle }: { readonly protocol: ProtocolFetch; readonly handle: string | undefined },
): Promise<McpSession> {
  const { url, headers } = definition;
  // Later than the line itself gives up, which knows why, and whose clock stands still while Ordeal works for itself.
  const timeoutMs = line.leftMs + ownWorkMs;
  try {
    return await McpSession.open({ url, headers, fetch: protocol.fetch, clientVersion: line.userAgent, handle, timeoutMs });
  } catch (cause) {
    if (protocol.fault !== undefined) throw protocol.fault;
    const status = protocol.last?.status ?? 0;
    const failure = protocol.last === undefined ? null : failureOfStatus(status);
    // Nothing was said yet, so a refusal is none of a probe.
    const shown = failure === 'target_rejected' ? 'target_config_invalid' : failure;
    const why = shown === null ? reasonOf(cause) : `the server answered with HTTP status ${status}`;
    throw new EgressFault(shown ?? 'protocol_error', `${opening}: ${why}.`, { sent: false, ...(shown === null ? {} : { status }), cause });
  }
}

/** What became of a call that brought no result. */
function unusable(line: TargetLine, protocol: ProtocolFetch, error: unknown): TargetReply {
  if (protocol.fault !== undefined) throw protocol.fault;
  const received = line.said;
  if (received === undefined) throw error;
  const byStatus = replyOf(received, () => ({ text: '', sessionId: undefined, toolCalls: [] }));
  if (byStatus.kind === 'unusable') return received.status === 404 ? { ...byStatus, ...lostSession } : byStatus;
  const response = toTargetResponse(received);
  if (error instanceof McpRequestRefused) {
    const failure = ownFaultCodes.has(error.code) ? 'target_config_invalid' : 'target_error';
    return { kind: 'unusable', response, failure, detail: error.message };
  }
  return { kind: 'unusable', response, failure: 'answer_unreadable', detail: `The answer is none of MCP: ${reasonOf(error)}.` };
}

const lostSession = {
  failure: 'target_error',
  detail: 'The MCP server answered with HTTP status 404: it does not know the session any more.',
} as const;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 300) : 'unknown reason';
}
