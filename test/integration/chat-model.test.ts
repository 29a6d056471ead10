import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { EgressAborted } from '../../runtime/egress/egress-fault.ts';
import { createEgress, type Egress } from '../../runtime/egress/egress.ts';
import { parsePrivateAllow } from '../../runtime/egress/private-allow.ts';
import type { ChatRequest } from '../../runtime/model/chat-model.ts';
import { createModelChain } from '../../runtime/model/model-chain.ts';
import type { ModelEndpoint } from '../../runtime/model/model-endpoint.ts';
import type { ModelCallEnd, ModelCallStart, ModelLedger } from '../../runtime/model/model-ledger.ts';
import { startChatModelServer, type ChatModelServer } from '../fakes/chat-model-server.ts';
import { waitUntil } from '../harness/wait-until.ts';

const apiKey = 'key-3f9a2c81d4';
let first: ChatModelServer;
let second: ChatModelServer;
let egress: Egress;

beforeAll(async () => {
  [first, second] = await Promise.all([startChatModelServer(), startChatModelServer()]);
  egress = createEgress({ privateAllow: parsePrivateAllow(`127.0.0.1/32:${first.port},127.0.0.1/32:${second.port}`) });
});
afterEach(() => {
  for (const server of [first, second]) {
    server.seen.length = 0;
    server.reply = () => ({});
  }
});
afterAll(() => Promise.all([first.close(), second.close(), egress.close()]));

interface RecordedCall extends ModelCallStart {
  end?: ModelCallEnd;
}

/** What a database would hold, in an array. */
function listLedger(calls: RecordedCall[]): ModelLedger {
  return {
    open: async (start) => String(calls.push({ ...start }) - 1),
    close: async (callId, end) => {
      const call = calls[Number(callId)];
      if (call !== undefined) call.end = end;
    },
  };
}

function endpointAt(server: ChatModelServer, changes: Partial<ModelEndpoint> = {}): ModelEndpoint {
  return {
    baseUrl: server.baseUrl,
    model: server === first ? 'first' : 'second',
    readApiKey: () => apiKey,
    priceIn: 2.5,
    priceOut: 10,
    timeoutMs: 30_000,
    structuredOutput: 'json_schema',
    tokenLimitField: 'max_tokens',
    ...changes,
  };
}

function chainOf(endpoints: readonly ModelEndpoint[]) {
  const calls: RecordedCall[] = [];
  return { calls, model: createModelChain({ endpoints, egress, ledger: listLedger(calls) }) };
}

function ask(changes: Partial<ChatRequest> = {}): ChatRequest {
  return { messages: [{ role: 'user', content: 'Say hello.' }], signal: new AbortController().signal, ...changes };
}

async function failureOf(answer: Promise<unknown>): Promise<{ failure: string; message: string }> {
  return answer.then(
    () => ({ failure: 'none', message: '' }),
    (error: unknown) => error as { failure: string; message: string },
  );
}

describe('a chat model', () => {
  it('is asked for what was given, and counts tokens and money by its price', async () => {
    const { model, calls } = chainOf([endpointAt(first)]);
    const schema = { type: 'object' };
    const answer = await model.complete(
      ask({ responseSchema: { name: 'greeting', schema }, temperature: 0, seed: 7, maxOutputTokens: 50 }),
    );
    expect(answer).toEqual({ text: 'Hello.', model: 'first-2026-01', tokensIn: 100, tokensOut: 20, costMicros: 450 });
    expect(first.seen[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${apiKey}` },
      body: {
        model: 'first',
        messages: [{ role: 'user', content: 'Say hello.' }],
        temperature: 0,
        seed: 7,
        max_tokens: 50,
        response_format: { type: 'json_schema', json_schema: { name: 'greeting', schema, strict: true } },
      },
    });
    expect(calls).toMatchObject([{ position: 1, end: { failure: null, usage: { costMicros: 450, isEstimated: false } } }]);
    expect(calls[0]?.tokensReserved).toBeGreaterThanOrEqual(50);
  });

  it('of a server without schemas gets the schema in words', async () => {
    const { model } = chainOf([endpointAt(first, { structuredOutput: 'json_object', tokenLimitField: 'max_completion_tokens' })]);
    await model.complete(ask({ responseSchema: { name: 'greeting', schema: { required: ['hello'] } } }));
    expect(first.seen[0]?.body).toMatchObject({ response_format: { type: 'json_object' }, max_completion_tokens: 1_024 });
    expect(first.seen[0]?.body.messages.at(-1)).toMatchObject({
      role: 'system',
      content: expect.stringContaining('{"required":["hello"]}'),
    });
  });

  it('that does not tell what it used is reckoned, and marked so', async () => {
    first.reply = () => ({ usage: null, content: 'x'.repeat(300) });
    const { model, calls } = chainOf([endpointAt(first, { priceIn: undefined, priceOut: undefined })]);
    expect(await model.complete(ask())).toMatchObject({ tokensOut: 100, costMicros: 0 });
    expect(calls[0]?.end?.usage).toMatchObject({ isEstimated: true, costMicros: null });
  });

  const faults: [string, Parameters<typeof startChatModelServer>[0], string][] = [
    ['a server error', () => ({ status: 500, raw: `{"error":"${apiKey}"}` }), 'model_unavailable'],
    ['a limit', () => ({ status: 429, headers: { 'retry-after': '3' } }), 'model_unavailable'],
    [
      'a wrong key',
      () => ({ status: 401, raw: `{"error":{"message":"Incorrect API key ${apiKey}","code":"invalid_api_key"}}` }),
      'model_refused_config',
    ],
    ['an unknown model', () => ({ status: 404 }), 'model_refused_config'],
    ['a redirect', () => ({ status: 302, headers: { location: 'http://169.254.169.254/' } }), 'model_refused_config'],
    ['silence', () => ({ hangs: true }), 'model_unavailable'],
    ['HTML', () => ({ raw: '<h1>Welcome</h1>' }), 'model_answer_invalid'],
    ['JSON that is no completion', () => ({ raw: '{"choices":[]}' }), 'model_answer_invalid'],
    ['JSON that nests without end', () => ({ raw: '['.repeat(200_000) }), 'model_answer_invalid'],
    ['nothing', () => ({ content: '' }), 'model_answer_invalid'],
    ['an answer that was cut', () => ({ finishReason: 'length' }), 'model_answer_invalid'],
    ['an answer that was filtered', () => ({ finishReason: 'content_filter' }), 'model_answer_invalid'],
    ['a huge answer', () => ({ content: 'x'.repeat(300_000) }), 'model_answer_invalid'],
    ['a huge body', () => ({ raw: 'x'.repeat(2_000_000) }), 'model_answer_invalid'],
  ];
  it.each(faults)('that answers with %s fails by name, without a word of what it said', async (name, reply, failure) => {
    first.reply = reply ?? first.reply;
    const { model, calls } = chainOf([endpointAt(first, name === 'silence' ? { timeoutMs: 500 } : {})]);
    const error = await failureOf(model.complete(ask()));
    expect(error.failure).toBe(failure);
    expect(error.message).not.toContain(apiKey);
    expect(calls).toMatchObject([{ end: { failure } }]);
    expect(JSON.stringify(calls)).not.toContain(apiKey);
  });

  it('whose answer the caller cannot use has failed, and its tokens count', async () => {
    const { model, calls } = chainOf([endpointAt(first)]);
    const error = await failureOf(model.complete(ask({ findProblem: () => 'The answer is not what was asked for.' })));
    expect(error).toMatchObject({ failure: 'model_answer_invalid', message: 'first: The answer is not what was asked for.' });
    expect(calls).toMatchObject([{ end: { failure: 'model_answer_invalid', usage: { tokensIn: 100, costMicros: 450 } } }]);
  });

  it('is not asked at an address that the operator did not open', async () => {
    const closed = createEgress({ privateAllow: [] });
    const calls: RecordedCall[] = [];
    const model = createModelChain({ endpoints: [endpointAt(first)], egress: closed, ledger: listLedger(calls) });
    expect(await failureOf(model.complete(ask()))).toMatchObject({ failure: 'model_refused_config' });
    expect(first.seen).toEqual([]);
  });

  it('is left alone when its ledger refuses', async () => {
    const refusing: ModelLedger = { open: () => Promise.reject(new Error('the budget is used up')), close: async () => {} };
    await expect(createModelChain({ endpoints: [endpointAt(first)], egress, ledger: refusing }).complete(ask())).rejects.toThrow('budget');
    expect(first.seen).toEqual([]);
  });

  it('is left at once when the caller gives up, and the ledger says so', async () => {
    first.reply = () => ({ hangs: true });
    const abort = new AbortController();
    const { model, calls } = chainOf([endpointAt(first, { timeoutMs: 60_000 }), endpointAt(second)]);
    const asking = failureOf(model.complete(ask({ signal: abort.signal })));
    await waitUntil('the request', async () => first.seen.at(-1));
    abort.abort();
    expect(await asking).toBeInstanceOf(EgressAborted);
    expect(calls).toMatchObject([{ end: { failure: 'run_stopped' } }]);
    expect(second.seen).toEqual([]);
  });
});

describe('a chain of models', () => {
  it('goes on to the next one, and both are on record', async () => {
    first.reply = () => ({ status: 503 });
    const { model, calls } = chainOf([endpointAt(first), endpointAt(second)]);
    expect(await model.complete(ask())).toMatchObject({ model: 'second-2026-01' });
    expect(calls).toMatchObject([
      { position: 1, model: 'first', end: { failure: 'model_unavailable' } },
      { position: 2, model: 'second', end: { failure: null } },
    ]);
  });

  it('asks nobody behind the one that answered', async () => {
    const { model } = chainOf([endpointAt(first), endpointAt(second)]);
    await model.complete(ask());
    expect(second.seen).toEqual([]);
  });

  it('is worth asking again when one of its models may answer then, and says what each of them did', async () => {
    first.reply = () => ({ status: 429, headers: { 'retry-after': '3' } });
    second.reply = () => ({ status: 401 });
    const { model } = chainOf([endpointAt(first), endpointAt(second)]);
    expect(await failureOf(model.complete(ask()))).toMatchObject({
      failure: 'model_unavailable',
      retryAfterSeconds: 3,
      message: 'first: It answered with HTTP status 429. second: It answered with HTTP status 401.',
    });
  });
});
