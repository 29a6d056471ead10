import { afterEach, describe, expect, it } from 'vitest';

import type { TargetRequest } from '../../domain/target-request.ts';
import { startA2aAgent, type A2aBehaviour } from '../fakes/a2a-agent.ts';
import { startMcpServer, type McpServerOptions } from '../fakes/mcp-server.ts';
import { a2aTarget, mcpTarget, targetClientTo } from '../harness/exchange-with.ts';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

async function mcp(options: McpServerOptions = {}) {
  const server = await startMcpServer(options);
  running.push(server);
  return { server, definition: mcpTarget(server.url), ...targetClientTo([server.port]) };
}

async function a2a(behaviour: () => A2aBehaviour, cardUrl?: string) {
  const agent = await startA2aAgent(behaviour, cardUrl);
  running.push(agent);
  return { agent, definition: a2aTarget(agent.url), ...targetClientTo([agent.port]) };
}

describe('an MCP server', () => {
  it.each([{ answersJson: false }, { answersJson: true }])(
    'is called a tool of, with the prompt in its arguments (%j)',
    async (options) => {
      const { server, definition, exchange } = await mcp(options);
      const sent: TargetRequest[] = [];
      const reply = await exchange({
        definition,
        secrets: { auth: { kind: 'bearer', token: 'secret-token' } },
        onSending: (one) => void sent.push(one),
      });
      expect(reply).toMatchObject({ kind: 'answered', text: 'You said: Hello', response: { status: 200 } });
      expect(server.seen.map(({ rpcMethod }) => rpcMethod)).toEqual(['initialize', 'notifications/initialized', 'tools/call']);
      expect(server.seen.every(({ headers }) => headers['authorization'] === 'Bearer secret-token')).toBe(true);
      // The ledger has the one request that carries the probe, as it was sent, and never the credential.
      expect(sent).toHaveLength(1);
      expect(JSON.stringify(sent)).not.toContain('secret-token');
      expect(sent[0]?.body).toBe(server.seen[2]?.body);
      expect(server.seen.map(({ headers }) => headers['x-ordeal-probe-id'])).toEqual([undefined, undefined, 'probe']);
    },
  );

  it('goes on in the same session without a new handshake', async () => {
    const { server, definition, exchange } = await mcp();
    const content = { kind: 'tool_call', name: 'count', arguments: {} } as const;
    const first = await exchange({ definition, content });
    const sessionId = first.kind === 'answered' ? first.sessionId : undefined;
    const second = await exchange({ definition, content, sessionId });
    expect([first, second]).toMatchObject([{ text: '1' }, { text: '2', sessionId }]);
    expect(server.seen.map(({ rpcMethod }) => rpcMethod).slice(3)).toEqual(['tools/call']);
    server.forget();
    expect(await exchange({ definition, content, sessionId })).toMatchObject({ kind: 'unusable', failure: 'target_error' });
  });

  it('without sessions is shaken hands with each time', async () => {
    const { definition, exchange } = await mcp({ hasSessions: false });
    expect(await exchange({ definition })).toMatchObject({ kind: 'answered', text: 'You said: Hello', sessionId: undefined });
  });

  it('lists its tools', async () => {
    const { definition, exchange } = await mcp();
    const reply = await exchange({ definition, content: { kind: 'tool_list' } });
    expect(reply).toMatchObject({ kind: 'answered', text: 'echo: Says it again\ncount: Counts its calls\nfail: Always fails' });
  });

  it('whose tool fails has answered, and one that has no such tool has not', async () => {
    const { definition, exchange } = await mcp();
    expect(await exchange({ definition, content: { kind: 'tool_call', name: 'fail', arguments: {} } })).toMatchObject({
      kind: 'answered',
      text: 'The disk is on fire',
    });
    const unknown = await exchange({ definition, content: { kind: 'tool_call', name: 'nope', arguments: {} } });
    expect(unknown).toMatchObject({ kind: 'unusable', failure: 'target_config_invalid' });
  });

  it('that refuses the handshake was never sent the probe', async () => {
    const { definition, exchange } = await mcp({
      intercept: (_seen, response) => {
        response.writeHead(403).end();
        return true;
      },
    });
    await expect(exchange({ definition })).rejects.toMatchObject({ failure: 'target_config_invalid', sent: false });
  });

  it('whose stream ends without the answer is a fault, at once', async () => {
    const { server, definition, exchange } = await mcp({
      intercept: (seen, response) => {
        if (seen.rpcMethod !== 'tools/call') return false;
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: 1\ndata:\n\n');
        return true;
      },
    });
    const startedAtMs = performance.now();
    expect(await exchange({ definition })).toMatchObject({ kind: 'unusable', failure: 'answer_unreadable' });
    expect(performance.now() - startedAtMs).toBeLessThan(definition.timeoutMs);
    expect(server.seen.filter(({ rpcMethod }) => rpcMethod === 'tools/call')).toHaveLength(1);
  });

  it('is sent nothing when the ledger does not take it', async () => {
    const { server, definition, exchange } = await mcp();
    const refused = new Error('The run is stopping');
    await expect(exchange({ definition, onSending: () => Promise.reject(refused) })).rejects.toBe(refused);
    expect(server.seen.map(({ rpcMethod }) => rpcMethod)).not.toContain('tools/call');
  });

  it('that hangs is given up in time', async () => {
    const { definition, exchange } = await mcp({ intercept: ({ rpcMethod }) => rpcMethod === 'tools/call' });
    await expect(exchange({ definition: { ...definition, timeoutMs: 3_000 } })).rejects.toMatchObject({
      failure: 'headers_timeout',
      sent: true,
    });
  });
});

describe('an A2A agent', () => {
  it('is sent a message, and goes on in the context that it named', async () => {
    const { agent, definition, exchange } = await a2a(() => 'message');
    const sent: TargetRequest[] = [];
    const first = await exchange({
      definition,
      secrets: { auth: { kind: 'bearer', token: 'secret-token' } },
      onSending: (one) => void sent.push(one),
    });
    expect(first).toMatchObject({ kind: 'answered', text: 'You said: Hello' });
    const sessionId = first.kind === 'answered' ? first.sessionId : undefined;
    expect(sessionId).toMatch(/./);
    expect(await exchange({ definition, sessionId })).toMatchObject({ sessionId });
    expect(agent.seen.slice(0, 2).map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /.well-known/agent-card.json',
      'POST /rpc',
    ]);
    expect(agent.seen[1]?.headers['authorization']).toBe('Bearer secret-token');
    expect(sent).toHaveLength(1);
    expect(JSON.stringify(sent)).not.toContain('secret-token');
  });

  it.each([
    ['completed', { kind: 'answered', text: 'You said: Hello' }],
    ['rejected', { kind: 'answered', text: 'You said: Hello' }],
    ['failed', { kind: 'unusable', failure: 'target_error' }],
  ] as const)('whose task ends as %s is taken as it says', async (behaviour, expected) => {
    const { definition, exchange } = await a2a(() => behaviour);
    expect(await exchange({ definition })).toMatchObject(expected);
  });

  it('whose card leads to another address is sent nothing', async () => {
    const other = await a2a(() => 'message');
    const { definition, agent } = await a2a(() => 'message', `${other.agent.url}/rpc`);
    const { exchange } = targetClientTo([agent.port, other.agent.port]);
    const secrets = { auth: { kind: 'bearer', token: 'secret-token' } } as const;
    await expect(exchange({ definition, secrets })).rejects.toMatchObject({ failure: 'target_config_invalid', sent: false });
    expect(other.agent.seen).toEqual([]);
  });

  it('without a card is a fault of the configuration', async () => {
    const { definition, exchange } = await a2a(() => 'message');
    await expect(exchange({ definition: { ...definition, cardPath: '/nothing.json' } })).rejects.toMatchObject({
      failure: 'target_config_invalid',
      status: 404,
      sent: false,
    });
  });
});
