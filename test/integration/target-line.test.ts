import type { ServerResponse } from 'node:http';

import { afterEach, describe, expect, it } from 'vitest';

import type { OAuthClientCredentials, TargetAuth } from '../../domain/target.ts';
import type { TargetRequest } from '../../domain/target-request.ts';
import { makeTestCertificates } from '../fakes/test-certificates.ts';
import { startWebServer, type SeenWebRequest, type WebServer } from '../fakes/web-server.ts';
import { openAiTarget, targetClientTo } from '../harness/exchange-with.ts';
import { targetAt } from '../harness/plan-run.ts';

const running: WebServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

async function start(...args: Parameters<typeof startWebServer>): Promise<WebServer> {
  const server = await startWebServer(...args);
  running.push(server);
  return server;
}

const reply = { reply: 'Hi' };
const bearer: TargetAuth = { kind: 'bearer', token: 'secret-token' };

function refuse(response: ServerResponse, status: number): undefined {
  response.writeHead(status).end();
  return undefined;
}

describe('a session that an endpoint hands out', () => {
  it('is asked for once, before the first prompt, and kept', async () => {
    const server = await start(({ path }) => (path === '/sessions' ? { id: 's-1' } : reply));
    const { exchange } = targetClientTo([server.port]);
    const session = {
      source: 'endpoint',
      url: `${server.url}/sessions`,
      method: 'POST',
      headers: {},
      body: { user: 'x' },
      path: '$.id',
    } as const;
    const definition = targetAt(`${server.url}/chat`, { session });
    const sent: TargetRequest[] = [];
    const first = await exchange({ definition, secrets: { auth: bearer }, onSending: (one) => void sent.push(one) });
    expect(first).toMatchObject({ kind: 'answered', text: 'Hi', sessionId: 's-1' });
    await exchange({ definition, sessionId: 's-1' });
    expect(server.seen.map(({ path }) => path)).toEqual(['/sessions', '/chat', '/chat']);
    expect(server.seen.map(({ headers }) => headers['x-ordeal-probe-id'])).toEqual([undefined, 'probe', 'probe']);
    expect(JSON.parse(server.seen[1]?.body ?? '')).toEqual({ message: 'Hello', session: 's-1' });
    expect(sent.map(({ url, body }) => [url, body])).toEqual([[`${server.url}/chat`, server.seen[1]?.body]]);
  });

  it('does not get the credential when it is of another origin', async () => {
    const [agent, desk] = await Promise.all([start(() => reply), start(() => ({ id: 's-1' }))]);
    const session = { source: 'endpoint', url: desk.url, method: 'POST', headers: {}, path: '$.id' } as const;
    const { exchange } = targetClientTo([agent.port, desk.port]);
    await exchange({ definition: targetAt(agent.url, { session }), secrets: { auth: bearer } });
    expect([desk.seen[0]?.headers['authorization'], agent.seen[0]?.headers['authorization']]).toEqual([undefined, 'Bearer secret-token']);
  });

  it.each([
    ['fails', (_: SeenWebRequest, response: ServerResponse): undefined => refuse(response, 500), 'target_error'],
    ['refuses', (_: SeenWebRequest, response: ServerResponse): undefined => refuse(response, 403), 'target_config_invalid'],
    ['names none', () => ({ other: 1 }), 'answer_unreadable'],
    ['breaks the connection', (_: SeenWebRequest, response: ServerResponse): undefined => void response.destroy(), 'connection_lost'],
  ] as const)('that %s leaves the prompt unsent', async (_case, answer, failure) => {
    const server = await start(answer);
    const session = { source: 'endpoint', url: server.url, method: 'POST', headers: {}, path: '$.id' } as const;
    const { exchange } = targetClientTo([server.port]);
    await expect(exchange({ definition: targetAt(server.url, { session }) })).rejects.toMatchObject({ failure, sent: false });
    expect(server.seen).toHaveLength(1);
  });
});

describe('a credential', () => {
  it('is sent in the query or a header, and never shown to the ledger', async () => {
    const server = await start(() => reply);
    const { exchange } = targetClientTo([server.port]);
    const definition = targetAt(`${server.url}/chat?v=1`);
    const sent: TargetRequest[] = [];
    const auth = { kind: 'api_key', name: 'key', value: 'secret value' } as const;
    for (const placement of ['query', 'header'] as const) {
      await exchange({ definition, secrets: { auth: { ...auth, placement } }, onSending: (one) => void sent.push(one) });
    }
    expect(server.seen.map(({ path, headers }) => [path, headers['key']])).toEqual([
      ['/chat?v=1&key=secret%20value', undefined],
      ['/chat?v=1', 'secret value'],
    ]);
    expect(JSON.stringify(sent)).not.toContain('secret');
  });
});

describe('OAuth client credentials', () => {
  const credentials = (tokenUrl: string, more: Partial<OAuthClientCredentials> = {}): OAuthClientCredentials => ({
    kind: 'oauth_client_credentials',
    tokenUrl,
    clientId: 'me:1',
    clientSecret: 's/e',
    clientAuthentication: 'basic',
    ...more,
  });
  let issued = 0;
  const issuer = (more: object) =>
    start(() => ({ access_token: `token-${(issued += 1)}`, token_type: 'Bearer', expires_in: 3_600, ...more }));

  it('get one token for many requests at once, and again from memory', async () => {
    issued = 0;
    const [agent, idp] = await Promise.all([start(() => reply), issuer({})]);
    const { exchange } = targetClientTo([agent.port, idp.port]);
    const one = { definition: targetAt(agent.url), secrets: { auth: credentials(idp.url, { scope: 'a b' }) } };
    await Promise.all([exchange(one), exchange(one), exchange(one)]);
    await exchange(one);
    expect(idp.seen).toHaveLength(1);
    expect(idp.seen[0]?.body).toBe('grant_type=client_credentials&scope=a+b');
    expect(idp.seen[0]?.headers['authorization']).toBe(`Basic ${Buffer.from('me%3A1:s%2Fe').toString('base64')}`);
    expect(agent.seen.map(({ headers }) => headers['authorization'])).toEqual(Array(4).fill('Bearer token-1'));
  });

  it('renew a token before it ends', async () => {
    issued = 0;
    const [agent, idp] = await Promise.all([start(() => reply), issuer({ expires_in: 0.001 })]);
    const { exchange } = targetClientTo([agent.port, idp.port]);
    const one = { definition: targetAt(agent.url), secrets: { auth: credentials(idp.url, { clientAuthentication: 'body' }) } };
    await exchange(one);
    await exchange(one);
    expect(agent.seen.map(({ headers }) => headers['authorization'])).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(idp.seen[0]?.body).toBe('grant_type=client_credentials&client_id=me%3A1&client_secret=s%2Fe');
    expect(idp.seen[0]?.headers['authorization']).toBeUndefined();
  });

  it('replace a token that the target has withdrawn, with the next attempt', async () => {
    issued = 0;
    const idp = await issuer({});
    const agent = await start(({ headers }, response) =>
      headers['authorization'] === 'Bearer token-1' && agentCalls++ > 0 ? refuse(response, 401) : reply,
    );
    let agentCalls = 0;
    const { exchange } = targetClientTo([agent.port, idp.port]);
    const one = { definition: targetAt(agent.url), secrets: { auth: credentials(idp.url) } };
    await exchange(one);
    await expect(exchange(one)).rejects.toMatchObject({ failure: 'target_token_expired', sent: true, status: 401 });
    expect(await exchange(one)).toMatchObject({ kind: 'answered' });
    expect(idp.seen).toHaveLength(2);
  });

  it.each([
    ['refuses', (_: SeenWebRequest, response: ServerResponse): undefined => refuse(response, 401), 'target_config_invalid'],
    ['fails', (_: SeenWebRequest, response: ServerResponse): undefined => refuse(response, 503), 'target_error'],
    ['answers without a token', () => ({ error: 'x' }), 'answer_unreadable'],
    ['has another type of token', () => ({ access_token: 't', token_type: 'mac' }), 'answer_unreadable'],
  ] as const)('that the endpoint %s leave the prompt unsent', async (_case, answer, failure) => {
    const [agent, idp] = await Promise.all([start(() => reply), start(answer)]);
    const { exchange } = targetClientTo([agent.port, idp.port]);
    const sending = exchange({ definition: targetAt(agent.url), secrets: { auth: credentials(idp.url) } });
    await expect(sending).rejects.toMatchObject({ failure, sent: false });
    expect(agent.seen).toEqual([]);
  });
});

const certificates = makeTestCertificates();

describe.skipIf(certificates === undefined)('TLS options of a target, with certificates that the openssl program makes', () => {
  it('show a client certificate, name the server and pin its authority', async () => {
    if (certificates === undefined) return;
    const { ca, valid, selfSigned } = certificates;
    const server = await start(() => reply, { ...valid, ca, requestCert: true, rejectUnauthorized: true });
    const { exchange } = targetClientTo([server.port]);
    const clientCertificate = { certificate: valid.cert, key: valid.key };
    const tls = { ca, servername: 'agent.test', minVersion: 'TLSv1.3' } as const;
    const definition = targetAt(server.url, { tls });
    expect(await exchange({ definition, secrets: { clientCertificate } })).toMatchObject({ kind: 'answered' });
    expect(server.seen).toMatchObject([{ clientName: 'agent.test', tlsVersion: 'TLSv1.3' }]);
    await expect(exchange({ definition })).rejects.toMatchObject({ sent: true });
    await expect(exchange({ definition: targetAt(server.url, { tls: { ca } }), secrets: { clientCertificate } })).rejects.toMatchObject({
      failure: 'tls_error',
    });
    const mixed = { certificate: valid.cert, key: selfSigned.key };
    await expect(exchange({ definition, secrets: { clientCertificate: mixed } })).rejects.toMatchObject({
      failure: 'target_config_invalid',
      sent: false,
    });
    expect(server.seen).toHaveLength(1);
  });

  it('refuse a server that speaks only an older version', async () => {
    if (certificates === undefined) return;
    const { ca, valid } = certificates;
    const server = await start(() => reply, { ...valid, maxVersion: 'TLSv1.2' });
    const { exchange } = targetClientTo([server.port]);
    const tls = { ca, servername: 'agent.test' };
    expect(await exchange({ definition: targetAt(server.url, { tls }) })).toMatchObject({ kind: 'answered' });
    const strict = targetAt(server.url, { tls: { ...tls, minVersion: 'TLSv1.3' } });
    await expect(exchange({ definition: strict })).rejects.toMatchObject({ failure: 'tls_error', sent: false });
  });
});

describe('an OpenAI-compatible model', () => {
  const tool = { name: 'send_mail', parameters: { type: 'object' }, effect: 'send' } as const;
  const call = { type: 'function', function: { name: 'send_mail', arguments: '{"to":"eve@evil.example"}' } };

  it('is sent the system prompt, the conversation and the tools, and its calls are read', async () => {
    const server = await start(() => ({ choices: [{ message: { content: null, tool_calls: [call] }, finish_reason: 'tool_calls' }] }));
    const { exchange } = targetClientTo([server.port]);
    const definition = {
      ...openAiTarget(`${server.url}/v1/`),
      systemPrompt: 'You are a kind shop assistant.',
      tools: [tool],
      parameters: { temperature: 0 },
    };
    const history = [
      { role: 'user', text: 'one' },
      { role: 'assistant', text: 'two' },
    ] as const;
    const answer = await exchange({ definition, history, secrets: { auth: bearer } });
    expect(answer).toMatchObject({
      kind: 'answered',
      text: '[tool call] send_mail({"to":"eve@evil.example"})',
      toolCalls: [{ name: 'send_mail', arguments: { to: 'eve@evil.example' } }],
    });
    expect(server.seen[0]).toMatchObject({ path: '/v1/chat/completions', headers: { authorization: 'Bearer secret-token' } });
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      temperature: 0,
      model: 'm',
      messages: [
        { role: 'system', content: 'You are a kind shop assistant.' },
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'two' },
        { role: 'user', content: 'Hello' },
      ],
      tools: [{ type: 'function', function: { name: 'send_mail', parameters: { type: 'object' } } }],
    });
  });

  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ choices: [{ delta, finish_reason: finish }] })}\n\n`;
  const streamed = async (text: string) => {
    const server = await start((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).end(text);
      return undefined;
    });
    const { exchange } = targetClientTo([server.port]);
    return exchange({ definition: { ...openAiTarget(server.url), stream: true } });
  };

  it('may stream text and calls in pieces', async () => {
    const pieces = [
      chunk({ role: 'assistant', content: 'Wi' }),
      chunk({ content: 'll do é' }),
      chunk({ tool_calls: [{ index: 0, function: { name: 'send_mail', arguments: '{"to":' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '"x"}' } }] }),
      chunk({}, 'tool_calls'),
      'data: [DONE]\n\n',
    ];
    expect(await streamed(pieces.join(''))).toMatchObject({
      kind: 'answered',
      text: 'Will do é\n\n[tool call] send_mail({"to":"x"})',
      toolCalls: [{ name: 'send_mail', arguments: { to: 'x' } }],
    });
  });

  it('whose stream breaks off has not answered', async () => {
    expect(await streamed(chunk({ content: 'I will ne' }))).toMatchObject({ kind: 'unusable', failure: 'connection_lost' });
    expect(await streamed(`data: {"error":{"message":"busy"}}\n\n`)).toMatchObject({ kind: 'unusable', failure: 'target_error' });
    expect(await streamed('data: {"choi\n\n')).toMatchObject({ kind: 'unusable', failure: 'answer_unreadable' });
  });

  it.each([
    [400, '{"error":{"code":"content_filter","message":"no"}}', 'target_rejected'],
    [400, '{"error":{"message":"bad"}}', 'target_config_invalid'],
    [429, '{}', 'target_rate_limited'],
    [200, '{"error":{"message":"bad"}}', 'answer_unreadable'],
    [200, '{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}', 'target_rejected'],
  ])('that answers %i %s has said nothing to judge', async (status, body, failure) => {
    const server = await start((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      return undefined;
    });
    expect(await targetClientTo([server.port]).exchange({ definition: openAiTarget(server.url) })).toMatchObject({
      kind: 'unusable',
      failure,
    });
  });
});

describe('a plain request to a target', () => {
  it('stays at the origin of the target', async () => {
    const server = await start(() => reply);
    const { exchange } = targetClientTo([server.port]);
    const content = (path: string) => ({ kind: 'request', method: 'GET', path, headers: {} }) as const;
    const definition = targetAt(`${server.url}/chat`);
    expect(await exchange({ definition, content: content('/admin?x=1') })).toMatchObject({ kind: 'answered', text: '{"reply":"Hi"}' });
    for (const path of ['//evil.example/x', '/\\evil.example/x', 'http://evil.example/', '@evil.example', '\t//evil.example']) {
      await expect(exchange({ definition, content: content(path) })).rejects.toMatchObject({ failure: 'target_config_invalid' });
    }
    expect(server.seen.map(({ path }) => path)).toEqual(['/admin?x=1']);
  });
});
