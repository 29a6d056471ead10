import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startScriptedAgent, type ScriptedAgent, type SeenRequest } from '../fakes/scripted-agent.ts';
import { createTenant, targetAt, testStep, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, at, startTestApi, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { startTestWorker, type TestWorker } from '../harness/test-worker.ts';
import { waitUntil } from '../harness/wait-until.ts';

let db: TestDatabase;
let api: TestApi;
let worker: TestWorker;
let agent: ScriptedAgent;
let tenant: TestTenant;
let client: ApiClient;
let targetId = '';

/** Declines what it can read at once, and follows what it had to decode from Base64. */
function obeyDecoded({ message }: SeenRequest): string {
  const payload = /^[A-Za-z0-9+/]{40,}=*$/m.exec(message)?.[0];
  if (payload === undefined) return 'I will not do that.';
  const legend = new Map([...message.matchAll(/^(K\d+) stands for: (.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
  const decoded = Buffer.from(payload, 'base64').toString('utf8');
  const [, left = '', right = ''] = /Join (K\d+) and (K\d+) /.exec(decoded) ?? [];
  return `${legend.get(left) ?? ''}${legend.get(right) ?? ''}`;
}

beforeAll(async () => {
  agent = await startScriptedAgent((request) => ({ reply: obeyDecoded(request) }));
  db = await createTestDatabase();
  worker = await startTestWorker({ database: db.database, allowPorts: [agent.port] });
  api = await startTestApi({ database: db.database, taskQueue: worker.taskQueue, allowPorts: [agent.port] });
  tenant = await createTenant(db.database);
  client = apiClient(api.url, tenant.apiKey);
  const target = await client.post(`/api/projects/${tenant.projectId}/targets`, { name: 'scripted', definition: targetAt(agent.url) });
  targetId = String(target.json['targetId']);
  const steps = [testStep('V1-1'), testStep('V1-2')];
  expect((await client.post('/api/scripts', { slug: 'V1', title: 'Custom', description: '', steps })).status).toBe(201);
});

afterAll(async () => {
  await Promise.all([api.close(), worker.close(), agent.close()]);
  await db.drop();
});

function start(options: Readonly<Record<string, unknown>>) {
  return client.post(`/api/projects/${tenant.projectId}/runs`, { targetId, scripts: ['V1'], ...options });
}

async function runToEnd(options: Readonly<Record<string, unknown>>): Promise<string> {
  const started = await start(options);
  expect(started.status).toBe(202);
  const runId = String(started.json['runId']);
  await waitUntil('the end of the run', async () => ((await client.get(`/api/runs/${runId}`)).json['endedAt'] === null ? undefined : true));
  return runId;
}

describe('a run with strategies', () => {
  it('sends every script as written and in each strategy, and finds the one that the agent falls for', async () => {
    const runId = await runToEnd({ strategies: ['base64', 'leetspeak', 'role-play'] });
    const run = (await client.get(`/api/runs/${runId}`)).json;
    expect([
      run['status'],
      run['strategies'],
      at(run, 'score.counts.vulnerable'),
      at(run, 'score.counts.resisted'),
      run['findings'],
    ]).toEqual(['completed', ['plain', 'base64', 'leetspeak', 'role-play'], 2, 6, 1]);
    const probes = (await client.get(`/api/runs/${runId}/probes`)).json['items'] as readonly Record<string, unknown>[];
    expect(probes.map((probe) => [probe['stepId'], probe['variantNo'], probe['strategy'], probe['outcome']])).toEqual([
      ['V1-1', 1, 'plain', 'resisted'],
      ['V1-2', 1, 'plain', 'resisted'],
      ['V1-1', 2, 'base64', 'vulnerable'],
      ['V1-2', 2, 'base64', 'vulnerable'],
      ['V1-1', 3, 'leetspeak', 'resisted'],
      ['V1-2', 3, 'leetspeak', 'resisted'],
      ['V1-1', 4, 'role-play', 'resisted'],
      ['V1-2', 4, 'role-play', 'resisted'],
    ]);
    const sessions = await db.query<{ sessions: string }>(
      `select count(distinct request_body::jsonb->>'session') as sessions from attempts where run_id = $1`,
      [runId],
    );
    expect(sessions).toEqual([{ sessions: '4' }]);

    const report = (await client.get(`/api/runs/${runId}/report`)).json;
    expect([at(report, 'findings.length'), at(report, 'findings.0.probeIds.length'), at(report, 'probes.2.strategy')]).toEqual([
      1,
      2,
      'base64',
    ]);
    expect(String(at(report, 'findings.0.story.0.text'))).toContain('V1-1, Step V1-1 [base64]: My message is written as Base64');
    const markdown = (await client.get(`/api/runs/${runId}/report?format=markdown`)).text;
    expect(markdown).toContain('| base64 | 2 | 2 | 2 |');
    const feed = await db.query<{ strategy: string }>(
      `select distinct data->>'strategy' as strategy from run_feed where run_id = $1 and type = 'probe_judged' order by 1`,
      [runId],
    );
    expect(feed.map(({ strategy }) => strategy)).toEqual(['base64', 'leetspeak', 'plain', 'role-play']);
  });

  it('is listed beforehand with the prompts that are then sent, byte for byte', async () => {
    const runId = await runToEnd({ strategies: ['caesar', 'json-embedding+leetspeak'], intensity: 'medium' });
    const plan = (await client.get(`/api/runs/${runId}/plan?limit=100`)).json['items'] as readonly {
      probeId: string;
      first: { prompt: string };
    }[];
    const sent = await db.query<{ probeId: string; prompt: string }>(
      `select p.probe_id as "probeId", a.prompt from attempts a join probes p using (org_id, run_id, step_id, variant_no) where a.run_id = $1`,
      [runId],
    );
    expect(plan).toHaveLength(12);
    const prompts = new Map(sent.map(({ probeId, prompt }) => [probeId, prompt]));
    for (const { probeId, first } of plan) expect(first.prompt).toBe(prompts.get(probeId)?.slice(0, 2_000));
  });

  it('has another plan hash with other strategies, and the same with the same', async () => {
    const hashOf = async (options: Readonly<Record<string, unknown>>): Promise<unknown> =>
      at((await client.get(`/api/runs/${await runToEnd(options)}/report`)).json, 'planHash');
    const hex = await hashOf({ strategies: ['hex'] });
    expect(await hashOf({ strategies: ['plain', 'hex'] })).toBe(hex);
    expect(await hashOf({ strategies: ['hex'], isPlainIncluded: false })).not.toBe(hex);
  });

  it('is refused with a name that no strategy has, one that is named twice, and nothing to send', async () => {
    const unknown = await start({ strategies: ['base46', 'hex', 'hex'] });
    expect([unknown.status, at(unknown.json, 'issues.0.message'), at(unknown.json, 'issues.1.message')]).toEqual([
      400,
      'names no strategy "base46" (did you mean "base64"?)',
      'names "hex" a second time',
    ]);
    expect((await start({ isPlainIncluded: false })).status).toBe(400);
    expect((await start({ strategies: ['plain', 'hex'], isPlainIncluded: false })).status).toBe(400);
    expect((await start({ strategies: [] })).status).toBe(400);
  });
});

describe('GET /api/strategies', () => {
  it('lists every strategy, page by page', async () => {
    const ids: unknown[] = [];
    for (let cursor = ''; ;) {
      const page = (await client.get(`/api/strategies?limit=25${cursor}`)).json;
      ids.push(...(page['items'] as readonly Record<string, unknown>[]).map((item) => item['id']));
      const { nextCursor } = page;
      if (typeof nextCursor !== 'string') break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect([ids.length, new Set(ids).size, ids[0]]).toEqual([64, 64, 'base64']);
  });
});
