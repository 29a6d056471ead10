import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startChatModelServer, type ChatModelServer, type SeenCompletion } from '../fakes/chat-model-server.ts';
import { createTenant, targetAt, testStep } from '../harness/plan-run.ts';
import { apiClient, at, startTestApi, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';

let db: TestDatabase;
let model: ChatModelServer;
let api: TestApi;
let client: ApiClient;
let projectId = '';
let targetId = '';
let orgId = '';

beforeAll(async () => {
  db = await createTestDatabase();
  model = await startChatModelServer();
  api = await startTestApi({ database: db.database, models: { generator: [model], timeoutMs: 10_000 } });
});
afterAll(async () => {
  await Promise.all([api.close(), model.close()]);
  await db.drop();
});
beforeEach(async () => {
  const tenant = await createTenant(db.database);
  ({ projectId, orgId } = tenant);
  client = apiClient(api.url, tenant.apiKey);
  const target = await client.post(`/api/projects/${projectId}/targets`, {
    name: 'agent',
    definition: targetAt('https://agent.example.com'),
  });
  targetId = String(target.json['targetId']);
  await client.post(`/api/projects/${projectId}/styles`, { styles: ['plain', 'flattery'] });
  await client.post('/api/scripts', { slug: 'M1', title: 'Custom', description: '', steps: [testStep('M1-1'), testStep('M1-2')] });
  model.seen.length = 0;
  model.reply = (request) => ({ content: { prompts: written(request) } });
});

interface Order {
  readonly message: string;
  readonly manner: string;
  readonly number: number;
}

function orderOf({ body }: SeenCompletion): Order {
  return JSON.parse(body.messages.at(-1)?.content ?? '{}') as Order;
}

/** Does what it is asked, in its own words around the message. */
function written(request: SeenCompletion): readonly string[] {
  const { message, number } = orderOf(request);
  return Array.from({ length: number }, (_, index) => `Dear friend number ${'I'.repeat(index + 1)}. ${message}`);
}

async function start(options: Readonly<Record<string, unknown>> = {}) {
  const run = await client.post(`/api/projects/${projectId}/runs`, { targetId, scripts: ['M1'], styles: ['flattery'], ...options });
  expect([run.status, run.text]).toEqual([202, expect.any(String)]);
  const plan = (await client.get(`/api/runs/${String(run.json['runId'])}/plan?limit=100`)).json['items'] as readonly {
    promptSource: string;
  }[];
  return { generation: run.json['generation'], sources: plan.map(({ promptSource }) => promptSource) };
}

function poolSources() {
  return db
    .query<{ source: string }>('select source from prompt_pool where org_id = $1', [orgId])
    .then((rows) => rows.map(({ source }) => source));
}

describe('a configured generator model', () => {
  it('writes what the pools are short of, once; later runs use it up before it is asked again', async () => {
    const { generation, sources } = await start();
    expect(sources).toEqual(['model/model-1-2026-01', 'model/model-1-2026-01']);
    expect([at(generation, 'prompts'), at(generation, 'modelFault')]).toEqual([{ script: 0, engine: 0, model: 2 }, null]);
    expect(model.seen.map((request) => [orderOf(request).number, orderOf(request).manner.startsWith('Flattery')])).toEqual([
      [3, true],
      [3, true],
    ]);
    await start({ intensity: 'high' });
    expect(model.seen).toHaveLength(2);
    expect(await poolSources()).toHaveLength(6);
    const calls = await db.query('select purpose, state, tokens_in from model_calls where org_id = $1', [orgId]);
    expect(calls).toEqual(Array.from({ length: 2 }, () => ({ purpose: 'generator', state: 'answered', tokens_in: 100 })));
  });

  it('is not asked for a run with a seed, nor for prompts as written', async () => {
    await start({ seed: 'fixed' });
    await start({ styles: ['plain'] });
    expect(model.seen).toEqual([]);
    expect(await poolSources()).toEqual(['engine/1', 'engine/1']);
  });

  it('is not asked for a run that is refused', async () => {
    const path = `/api/projects/${projectId}/runs`;
    expect((await client.post(path, { targetId, scripts: ['none'], styles: ['flattery'] })).status).toBe(400);
    expect((await client.post(path, { targetId, scripts: ['M1'], styles: ['flattery'] }, { 'idempotency-key': '' })).status).toBe(400);
    expect(model.seen).toEqual([]);
  });

  it.each([
    ['prose', () => ({ content: 'Of course! Here are some prompts for you.' }), /no prompt that asks for the same/],
    ['prompts without the variables', () => ({ content: { prompts: ['Be nice.', 'Be kind.'] } }), /no prompt that asks for the same/],
    ['an error', () => ({ status: 500 }), /500/],
    ['nothing for ever', () => ({ hangs: true }), /./],
  ])('that answers %s leaves the work to the engine, and the run says so', async (_what, reply, reason) => {
    model.reply = reply;
    const { generation, sources } = await start();
    expect(sources).toEqual(['engine/1', 'engine/1']);
    expect(at(generation, 'prompts')).toEqual({ script: 0, engine: 2, model: 0 });
    expect(String(at(generation, 'modelFault'))).toMatch(reason);
  });

  it('that writes some of them has the engine add what a run needs more', async () => {
    model.reply = (request) => ({ content: { prompts: [...written(request).slice(0, 1), 'Be nice.'] } });
    const { generation, sources } = await start({ intensity: 'medium' });
    expect(sources.toSorted()).toEqual(['engine/1', 'engine/1', 'model/model-1-2026-01', 'model/model-1-2026-01']);
    expect(String(at(generation, 'modelFault'))).toMatch(/Not all prompts/);
  });
});
