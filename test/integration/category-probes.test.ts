import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { loadScriptLibrary } from '../../db/load-script-library.ts';
import { isTerminal, type RunStatus } from '../../domain/run-state.ts';
import { categories } from '../../domain/taxonomy/taxonomy.ts';
import { findFreePort } from '../../scripts/stack/free-port.ts';
import { startDemoAgent } from '../fakes/demo-agent-process.ts';
import { createTenant, targetAt, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, startTestApi, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { startTestWorker, type TestWorker } from '../harness/test-worker.ts';
import { waitUntil } from '../harness/wait-until.ts';

const agentCanary = 'larch-relay-90417';
const runTimeoutMs = 120_000;
const library = await loadScriptLibrary();
const steps = library.flatMap((script) => script.steps);

interface JudgedProbe {
  readonly probeId: string;
  readonly stepId: string;
  readonly category: string;
  readonly outcome: string;
  readonly detail: string | null;
}

const ports = { careless: await findFreePort(), hardened: await findFreePort() } as const;
const wholeLibrary = { scripts: library.map(({ slug }) => slug) };
let targets = 0;
let db: TestDatabase;
let worker: TestWorker;
let api: TestApi;
let tenant: TestTenant;
let client: ApiClient;

beforeAll(async () => {
  const allowPorts = Object.values(ports);
  db = await createTestDatabase();
  worker = await startTestWorker({ database: db.database, allowPorts });
  api = await startTestApi({ database: db.database, taskQueue: worker.taskQueue, allowPorts });
  tenant = await createTenant(db.database);
  client = apiClient(api.url, tenant.apiKey);
}, 60_000);

afterAll(async () => {
  await Promise.all([api.close(), worker.close()]);
  await db.drop();
});

/** Runs scripts against a demo agent in a process of its own, over the real engine, and gives the probes as they were judged. */
async function probesOf(agent: keyof typeof ports, choice: Readonly<Record<string, unknown>>): Promise<readonly JudgedProbe[]> {
  const target = await client.post(`/api/projects/${tenant.projectId}/targets`, {
    name: `${agent} ${++targets}`,
    definition: targetAt(`http://127.0.0.1:${ports[agent]}/chat`, {
      body: { message: '{{prompt}}', sessionId: '{{session}}' },
      sidecar: true,
      canaries: { system_prompt: agentCanary },
    }),
  });
  const targetId = String(target.json['targetId']);
  const token = String((await client.post(`/api/targets/${targetId}/sidecar-tokens`, {})).json['token']);
  const running = await startDemoAgent({
    AGENT: agent,
    AGENT_CANARY: agentCanary,
    PORT: String(ports[agent]),
    ORDEAL_INGEST_URL: `${api.url}/api/ingest/events`,
    ORDEAL_SIDECAR_TOKEN: token,
  });
  try {
    const started = await client.post(`/api/projects/${tenant.projectId}/runs`, { targetId, ...choice });
    expect(started.status, started.text).toBe(202);
    const runId = String(started.json['runId']);
    const hasEnded = async () => (isTerminal((await client.get(`/api/runs/${runId}`)).json['status'] as RunStatus) ? true : undefined);
    await waitUntil(`the end of ${runId}`, hasEnded, runTimeoutMs);
    return await allProbes(runId);
  } finally {
    expect(await running.stop()).toBe(0);
  }
}

async function allProbes(runId: string): Promise<readonly JudgedProbe[]> {
  const probes: JudgedProbe[] = [];
  for (let cursor = ''; ;) {
    const page = (await client.get(`/api/runs/${runId}/probes?limit=100${cursor}`)).json;
    probes.push(...(page['items'] as readonly JudgedProbe[]));
    if (typeof page['nextCursor'] !== 'string') return probes;
    cursor = `&cursor=${page['nextCursor']}`;
  }
}

function told({ stepId, outcome, detail }: JudgedProbe): string {
  return `${stepId} is ${outcome}: ${detail ?? ''}`;
}

describe('the categories and the probes of the library', () => {
  it('match both ways: every category has a probe, and every probe a category', () => {
    const probed = new Set(steps.map(({ category }) => category));
    expect([...probed].toSorted()).toEqual(categories.map(({ id }) => id).toSorted());
  });

  it('have steps with ids that no two share, so that all of them may run together', () => {
    const ids = steps.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('every probe of the library against the demo agents', () => {
  it(
    'shows each category in the careless agent, and leaves no probe without a verdict',
    async () => {
      const probes = await probesOf('careless', wholeLibrary);
      expect(probes).toHaveLength(steps.length);
      expect(probes.filter(({ outcome }) => outcome !== 'vulnerable' && outcome !== 'resisted').map(told)).toEqual([]);
      const shown = new Set(probes.filter(({ outcome }) => outcome === 'vulnerable').map(({ category }) => category));
      expect(categories.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
    },
    runTimeoutMs + 30_000,
  );

  it(
    'is resisted by the hardened agent, with all its evidence',
    async () => {
      const probes = await probesOf('hardened', wholeLibrary);
      expect(probes).toHaveLength(steps.length);
      expect(probes.filter(({ outcome }) => outcome !== 'resisted').map(told)).toEqual([]);
      const withEvents = new Set(steps.filter(({ evidence }) => evidence === 'events').map(({ id }) => id));
      const [ended] = await db.query<{ count: number }>(
        `select count(distinct probe_id)::int as count from events where type = 'turn_ended' and probe_id = any($1)`,
        [probes.filter(({ stepId }) => withEvents.has(stepId)).map(({ probeId }) => probeId)],
      );
      expect(ended?.count).toBe(withEvents.size);
    },
    runTimeoutMs + 30_000,
  );
});

describe('a run that is limited to categories', () => {
  it('plans the steps for them, from all scripts that ship with Ordeal, and those that they build on', async () => {
    const probes = await probesOf('careless', { categories: ['INJ-05', 'MAS-*'] });
    expect(probes.map(({ stepId, outcome }) => [stepId, outcome])).toEqual([
      ['S5-01', 'vulnerable'],
      ['S5-02', 'vulnerable'],
      ['MAS-01.1', 'vulnerable'],
      ['MAS-02.1', 'vulnerable'],
    ]);
  });

  it('takes them from the scripts that it names, where it names some', async () => {
    const probes = await probesOf('hardened', { scripts: ['S3', 'tool'], categories: ['TOOL-01'] });
    expect(probes.map(({ stepId, outcome }) => [stepId, outcome])).toEqual([
      ['S3-01', 'resisted'],
      ['TOOL-01.1', 'resisted'],
    ]);
  });
});
