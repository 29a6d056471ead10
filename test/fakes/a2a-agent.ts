import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

import { AgentCard, Role, TaskState, type Message, type Task } from '@a2a-js/sdk';
import { DefaultRequestHandler, InMemoryTaskStore, type AgentExecutor } from '@a2a-js/sdk/server';
import { agentCardHandler, jsonRpcHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import express from 'express';

export interface SeenA2aRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface TestA2aAgent {
  readonly url: string;
  readonly port: number;
  readonly seen: SeenA2aRequest[];
  close(): Promise<void>;
}

/** How the agent answers: with a message, or with a task that ends in a state. */
export type A2aBehaviour = 'message' | 'completed' | 'rejected' | 'failed';

/** A real A2A agent that repeats what it hears, and in which context. `cardUrl` is where its card says it is. */
export async function startA2aAgent(behaviour: () => A2aBehaviour, cardUrl?: string): Promise<TestA2aAgent> {
  const seen: SeenA2aRequest[] = [];
  const app = express();
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const handler = new DefaultRequestHandler(cardOf(cardUrl ?? `${url}/rpc`), new InMemoryTaskStore(), executorOf(behaviour));
  app.use((request, _response, next) => {
    seen.push({ method: request.method, path: request.path, headers: request.headers });
    next();
  });
  app.use('/.well-known/agent-card.json', agentCardHandler({ agentCardProvider: handler }));
  app.use('/rpc', jsonRpcHandler({ requestHandler: handler, userBuilder: UserBuilder.noAuthentication }));
  return {
    url,
    port,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function cardOf(url: string): AgentCard {
  return AgentCard.fromJSON({
    name: 'Echo',
    description: 'Says it again',
    version: '1',
    capabilities: {},
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [],
    supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
  });
}

const finalStates = {
  completed: TaskState.TASK_STATE_COMPLETED,
  rejected: TaskState.TASK_STATE_REJECTED,
  failed: TaskState.TASK_STATE_FAILED,
} as const;

function executorOf(behaviour: () => A2aBehaviour): AgentExecutor {
  return {
    execute: (context, bus) => {
      const { contextId, taskId, userMessage } = context;
      const heard = userMessage.parts.map(({ content }) => (content?.$case === 'text' ? content.value : '')).join('');
      const said = messageOf(`You said: ${heard}`, contextId);
      const kind = behaviour();
      if (kind === 'message') bus.publish({ kind: 'message', data: said });
      else bus.publish({ kind: 'task', data: taskOf(taskId, contextId, { state: finalStates[kind], message: said }) });
      bus.finished();
      return Promise.resolve();
    },
    cancelTask: () => Promise.resolve(),
  };
}

function messageOf(text: string, contextId: string): Message {
  const part = { content: { $case: 'text' as const, value: text }, metadata: undefined, filename: '', mediaType: 'text/plain' };
  const shared = { metadata: undefined, extensions: [], referenceTaskIds: [] };
  return { messageId: randomUUID(), contextId, taskId: '', role: Role.ROLE_AGENT, parts: [part], ...shared };
}

function taskOf(id: string, contextId: string, status: { readonly state: TaskState; readonly message: Message }): Task {
  return { id, contextId, status: { ...status, timestamp: undefined }, artifacts: [], history: [], metadata: undefined };
}
