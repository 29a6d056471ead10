import { randomUUID } from 'node:crypto';

import { Role, TaskState, type Message, type SendMessageResult, type Task } from '@a2a-js/sdk';
import { ClientFactory, DefaultAgentCardResolver, JsonRpcTransportFactory, RestTransportFactory, type Client } from '@a2a-js/sdk/client';

import { failureOfStatus } from '../../domain/answer-status.ts';
import { OrdealError } from '../../domain/failures.ts';
import type { A2aTargetDefinition } from '../../domain/target.ts';
import type { TargetExchange } from '../../domain/target-exchange.ts';
import { EgressFault } from '../egress/egress-fault.ts';
import { ProtocolFetch } from './protocol-fetch.ts';
import { toStorableText } from './read-answer.ts';
import type { TargetLine } from './target-line.ts';
import { replyOf, toTargetResponse, type TargetReply } from './target-reply.ts';

const opening = 'Reading the agent card';
const firstPauseMs = 250;
const longestPauseMs = 2_000;

/** A message to an A2A agent. A task that it makes of it is waited for, within the time of the exchange. */
export async function exchangeByA2a(line: TargetLine, definition: A2aTargetDefinition, exchange: TargetExchange): Promise<TargetReply> {
  const { content, sessionId } = exchange;
  if (content.kind !== 'prompt') throw new OrdealError('target_config_invalid', 'An A2A agent takes prompts; it has no tools to call.');
  const protocol = new ProtocolFetch(line, { what: opening, methods: ['GET', 'POST'] });
  const client = await connect(definition, protocol);
  try {
    protocol.beginSaying();
    const sent = await client.sendMessage(messageOf(content.prompt, sessionId), {
      signal: line.signal,
      serviceParameters: { ...definition.headers },
    });
    protocol.endSaying();
    const result = isTask(sent) ? await untilSettled(line, client, sent) : sent;
    const received = line.said;
    if (received === undefined) throw new Error('The A2A client answered without having sent anything');
    return replyOf(received, () => ({
      text: toStorableText(textOf(result)),
      sessionId: result.contextId === '' ? sessionId : result.contextId,
      toolCalls: [],
    }));
  } catch (error) {
    return unusable(line, protocol, error);
  }
}

async function connect(definition: A2aTargetDefinition, protocol: ProtocolFetch): Promise<Client> {
  const fetchImpl = protocol.fetch;
  const legacyCompat = { enabled: true };
  const factory = new ClientFactory({
    transports: [new JsonRpcTransportFactory({ fetchImpl, legacyCompat }), new RestTransportFactory({ fetchImpl, legacyCompat })],
    cardResolver: new DefaultAgentCardResolver({ fetchImpl, legacyCompat }),
  });
  try {
    return await factory.createFromUrl(definition.url, definition.cardPath);
  } catch (cause) {
    if (protocol.fault !== undefined) throw protocol.fault;
    const status = protocol.last?.status ?? 0;
    const failure = protocol.last === undefined ? null : failureOfStatus(status);
    // Nothing was said yet, so a refusal is none of a probe.
    const shown = failure === 'target_rejected' ? 'target_config_invalid' : failure;
    const why = shown === null ? reasonOf(cause) : `${definition.cardPath} answered with HTTP status ${status}`;
    const known = shown === null ? {} : { status };
    throw new EgressFault(shown ?? 'answer_unreadable', `${opening}: ${why}.`, { sent: false, ...known, cause });
  }
}

function messageOf(prompt: string, sessionId: string | undefined): Parameters<Client['sendMessage']>[0] {
  const part = { content: { $case: 'text' as const, value: prompt }, metadata: undefined, filename: '', mediaType: 'text/plain' };
  const message: Message = {
    messageId: randomUUID(),
    contextId: sessionId ?? '',
    taskId: '',
    role: Role.ROLE_USER,
    parts: [part],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
  const configuration = {
    acceptedOutputModes: ['text/plain', 'application/json'],
    taskPushNotificationConfig: undefined,
    returnImmediately: false,
  };
  return { tenant: '', message, configuration, metadata: undefined };
}

async function untilSettled(line: TargetLine, client: Client, started: Task): Promise<Task> {
  let task = started;
  for (let pauseMs = firstPauseMs; isRunning(task); pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    await line.pause(pauseMs);
    task = await client.getTask({ tenant: '', id: task.id }, { signal: line.signal });
  }
  return task;
}

function isRunning({ status }: Task): boolean {
  return status?.state === TaskState.TASK_STATE_SUBMITTED || status?.state === TaskState.TASK_STATE_WORKING;
}

function isTask(result: SendMessageResult): result is Task {
  return 'artifacts' in result;
}

/** What the agent says: of a task its status and all its artifacts. A task that failed is a fault, one turned down an answer. */
function textOf(result: SendMessageResult): string {
  if (!isTask(result)) return partsText(result.parts);
  const said = result.status?.message === undefined ? [] : [partsText(result.status.message.parts)];
  const text = [...said, ...result.artifacts.map(({ parts }) => partsText(parts))].filter((part) => part !== '').join('\n');
  const state = result.status?.state ?? TaskState.TASK_STATE_UNSPECIFIED;
  if (state === TaskState.TASK_STATE_COMPLETED || state === TaskState.TASK_STATE_INPUT_REQUIRED) return text;
  if (state === TaskState.TASK_STATE_REJECTED) {
    if (text === '') throw new OrdealError('target_rejected', 'The agent rejected the task without a word.');
    return text;
  }
  if (state === TaskState.TASK_STATE_AUTH_REQUIRED) {
    throw new OrdealError('target_config_invalid', 'The agent wants further credentials for this task.');
  }
  throw new OrdealError('target_error', `The task of the agent ended as ${TaskState[state]}.`);
}

function partsText(parts: Message['parts']): string {
  return parts.map(partText).join('\n');
}

function partText({ content, mediaType }: Message['parts'][number]): string {
  if (content?.$case === 'text' || content?.$case === 'url') return content.value;
  if (content?.$case === 'data') return JSON.stringify(content.value) ?? '';
  return `[${mediaType === '' ? 'file' : mediaType}]`;
}

function unusable(line: TargetLine, protocol: ProtocolFetch, error: unknown): TargetReply {
  if (protocol.fault !== undefined) throw protocol.fault;
  if (error instanceof EgressFault) throw error;
  const received = line.said;
  if (received === undefined) throw error;
  const byStatus = replyOf(received, () => ({ text: '', sessionId: undefined, toolCalls: [] }));
  if (byStatus.kind === 'unusable') return byStatus;
  const detail = `The agent answered with an error of A2A: ${reasonOf(error)}.`;
  return { kind: 'unusable', response: toTargetResponse(received), failure: 'target_error', detail };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 300) : 'unknown reason';
}
