import type { ChatTurn, TargetRequest } from '../../domain/target-request.ts';
import type { TargetDefinition, TargetSecrets } from '../../domain/target.ts';
import type { ExchangeContent } from '../../domain/target-exchange.ts';
import { createEgress } from '../../runtime/egress/egress.ts';
import { parsePrivateAllow } from '../../runtime/egress/private-allow.ts';
import { createTargetClient, type TargetClient } from '../../runtime/target/target-client.ts';
import type { TargetReply } from '../../runtime/target/target-reply.ts';

export interface ExchangeUnderTest {
  readonly definition: TargetDefinition;
  readonly content?: ExchangeContent;
  readonly history?: readonly ChatTurn[];
  readonly sessionId?: string | undefined;
  readonly secrets?: Omit<TargetSecrets, 'origin'>;
  readonly signal?: AbortSignal;
  readonly onSending?: (request: TargetRequest) => Promise<void> | void;
}

/** A client that may reach these ports of 127.0.0.1, and says "Hello" unless it is told otherwise. */
export function targetClientTo(ports: readonly number[]): {
  readonly client: TargetClient;
  readonly exchange: (one: ExchangeUnderTest) => Promise<TargetReply>;
} {
  const lookup = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
  const client = createTargetClient(
    createEgress({ privateAllow: parsePrivateAllow(ports.map((port) => `127.0.0.1/32:${port}`).join(',')), lookup }),
  );
  return {
    client,
    exchange: ({ definition, content, history = [], sessionId, secrets, signal, onSending }) =>
      client.exchange({
        definition,
        exchange: { content: content ?? { kind: 'prompt', prompt: 'Hello', history }, sessionId },
        secrets: secrets === undefined ? undefined : { ...secrets, origin: new URL(definition.url).origin },
        owner: 'target',
        userAgent: 'Ordeal/test',
        headers: { 'x-ordeal-probe-id': 'probe' },
        signal: signal ?? new AbortController().signal,
        onSending,
      }),
  };
}

const common = { idempotent: false, concurrency: 4, timeoutMs: 20_000, sidecar: false, canaries: {} } as const;

export function mcpTarget(url: string): Extract<TargetDefinition, { kind: 'mcp' }> {
  return { ...common, kind: 'mcp', url, headers: {}, promptTool: { name: 'echo', arguments: { text: '{{prompt}}' } } };
}

export function a2aTarget(url: string): Extract<TargetDefinition, { kind: 'a2a' }> {
  return { ...common, kind: 'a2a', url, headers: {}, cardPath: '/.well-known/agent-card.json' };
}

export function openAiTarget(url: string): Extract<TargetDefinition, { kind: 'openai' }> {
  return { ...common, kind: 'openai', url, headers: {}, model: 'm', sendSystemPrompt: true, tools: [], stream: false, parameters: {} };
}
