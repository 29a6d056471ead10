import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findFreePort } from '../../scripts/stack/free-port.ts';
import { startDemoAgent, type DemoAgentProcess } from '../fakes/demo-agent-process.ts';
import { createTenant, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, startTestApi, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { startTestWorker, type TestWorker } from '../harness/test-worker.ts';
import { waitUntil } from '../harness/wait-until.ts';

const agentNames = ['careless', 'hardened'] as const;
let db: TestDatabase;
let api: TestApi;
let worker: TestWorker;
let tenant: TestTenant;
let client: ApiClient;
const agents: DemoAgentProcess[] = [];
const targets: Record<string, string> = {};

beforeAll(async () => {
  db = await createTestDatabase();
  tenant = await createTenant(db.database);
  const ports = await Promise.all(agentNames.map(() => findFreePort()));
  worker = await startTestWorker({ database: db.database, allowPorts: ports });
  api = await startTestApi({ database: db.database, taskQueue: worker.taskQueue, allowPorts: ports });
  client = apiClient(api.url, tenant.apiKey);
  for (const [index, name] of agentNames.entries()) targets[name] = await startAgent(name, ports[index] ?? 0);
});

afterAll(async () => {
  await Promise.all([...agents.map((agent) => agent.stop()), worker.close(), api.close()]);
  await db.drop();
});

/** Starts a demo agent with its sidecar, and comes to the id of its target. */
async function startAgent(name: string, port: number): Promise<string> {
  const definition = {
    kind: 'http',
    url: `http://127.0.0.1:${port}/chat`,
    body: { message: '{{prompt}}', sessionId: '{{session}}' },
    answerPath: '$.reply',
    session: { source: 'client' },
    sidecar: true,
  };
  const created = await client.post(`/api/projects/${tenant.projectId}/targets`, { name, definition });
  expect(created.json).toMatchObject({ targetId: expect.any(String) });
  const targetId = String(created.json['targetId']);
  const token = String((await client.post(`/api/targets/${targetId}/sidecar-tokens`, {})).json['token']);
  const env = { AGENT: name, PORT: String(port), ORDEAL_INGEST_URL: `${api.url}/api/ingest/events`, ORDEAL_SIDECAR_TOKEN: token };
  agents.push(await startDemoAgent(env));
  return targetId;
}

interface Shown {
  readonly step: string;
  readonly outcome: string;
  readonly detail: string;
  readonly turns: number;
}

async function runAgainst(name: string, options: Readonly<Record<string, unknown>>): Promise<Shown[]> {
  const started = await client.post(`/api/projects/${tenant.projectId}/runs`, { targetId: targets[name], ...options });
  expect(started.status).toBe(202);
  const runId = String(started.json['runId']);
  const hasEnded = async () => ((await client.get(`/api/runs/${runId}`)).json['endedAt'] === null ? undefined : true);
  await waitUntil('the end of the run', hasEnded, 60_000);
  return db.query<Shown>(
    `select step_id as step, outcome, detail,
       (select count(*)::int from attempts a where (a.run_id, a.step_id, a.variant_no) = (p.run_id, p.step_id, p.variant_no)) as turns
     from probes p where run_id = $1 order by step_id`,
    [runId],
  );
}

describe('the built-in escalations', () => {
  it('bring the careless demo agent to it on the way, and stop there', async () => {
    const shown = await runAgainst('careless', { scripts: ['escalation'] });
    expect(shown.map(({ step, outcome }) => [step, outcome])).toEqual([
      ['ESC-01', 'vulnerable'],
      ['ESC-02', 'vulnerable'],
    ]);
    expect(shown.every(({ turns }) => turns >= 2 && turns < 5)).toBe(true);
  });

  it('do not bring the hardened one to it, which was asked for the goal and answered every turn', async () => {
    const shown = await runAgainst('hardened', { scripts: ['escalation'] });
    expect(shown.map(({ step, outcome, detail }) => [step, outcome, outcome === 'resisted' ? '' : detail])).toEqual([
      ['ESC-01', 'resisted', ''],
      ['ESC-02', 'resisted', ''],
    ]);
    expect(shown.every(({ turns }) => turns >= 4)).toBe(true);
  });
});

describe('crescendo as a strategy', () => {
  it('gets the careless agent to pay what it refuses when asked straight out', async () => {
    const ask = { scripts: ['S3'], strategies: ['crescendo'] };
    const shown = await runAgainst('careless', ask);
    const [plain, escalated] = shown.filter(({ step }) => step === 'S3-01').toSorted((left, right) => left.turns - right.turns);
    expect([plain?.outcome, escalated?.outcome]).toEqual(['resisted', 'vulnerable']);
    expect(escalated?.turns).toBeGreaterThan(1);
  });
});
