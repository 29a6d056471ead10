import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { addUsage } from '../../db/usage/count-usage.ts';
import { setPlan } from '../../db/usage/set-plan.ts';
import { withOrg } from '../../db/with-org.ts';
import { connectTemporal } from '../../orchestration/connect-temporal.ts';
import { Reconciler } from '../../orchestration/reconciler.ts';
import { createRunClient } from '../../orchestration/run-client.ts';
import { UsageKeeper } from '../../orchestration/usage-keeper.ts';
import { createLogger } from '../../runtime/logger.ts';
import { useEngine } from '../harness/engine.ts';
import { createTarget, createTenant, planRun, targetAt, testScripts } from '../harness/plan-run.ts';
import { apiClient, at, startTestApi, type ApiAnswer, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const engine = useEngine();
const limit = 5;
let api: TestApi;
let keeper: UsageKeeper;
let reconciler: Reconciler;

beforeAll(async () => {
  const { db, worker, agent } = engine;
  const log = createLogger({ name: 'test', level: 'silent' });
  api = await startTestApi({ database: db.database, taskQueue: worker.taskQueue, allowPorts: [agent.port] });
  keeper = new UsageKeeper({ database: db.database, runs: worker.runs, log });
  reconciler = new Reconciler({ database: db.database, runs: worker.runs, log });
  reconciler.start();
});
afterAll(() => Promise.all([reconciler.stop(), api.close()]));

/** Runs that live and are not held, as the rows say; and what the counter says. */
async function liveRuns(orgId: string): Promise<{ readonly rows: number; readonly counter: number }> {
  const [row] = await engine.db.query<{ rows: number; counter: number }>(
    `select (select count(*)::int from runs where org_id = $1 and ended_at is null and held_until is null) as rows,
       (select coalesce(max(used), 0)::int from usage_counters where org_id = $1 and counter = 'concurrent_runs') as counter`,
    [orgId],
  );
  return row ?? { rows: Number.NaN, counter: Number.NaN };
}

describe('a storage that is used up', () => {
  it('shuts the ledgers of all live runs at the first look, although Temporal cannot be told', async () => {
    const { db } = engine;
    const tenant = await createTenant(db.database);
    const { orgId } = tenant;
    // The reconciler starts them after a moment, and they are to be live still.
    engine.answerWith(() => ({ delayMs: 8_000 }));
    const definition = targetAt(engine.agent.url);
    const targetId = await createTarget(db.database, tenant, definition);
    const plan = () => planRun(db.database, { tenant, targetId, definition, scripts: testScripts(1, 1) });
    const runIds = await Promise.all([plan(), plan(), plan()]);
    await withOrg(db.database, orgId, async (tx) => {
      await setPlan(tx, orgId, { plan: 'free', overrides: { storageMegabytes: 1 } });
      await addUsage(tx, orgId, { event_bytes_by_day: 1_000_001 });
    });
    const temporal = connectTemporal({ address: '127.0.0.1:1', namespace: 'default' });
    const runs = createRunClient({ temporal, database: db.database, taskQueue: 'none' });
    await new UsageKeeper({ database: db.database, runs, log: createLogger({ name: 'test', level: 'silent' }) }).watchQuotas();
    await temporal.close();
    const stopped = await db.query('select run_id from runs where run_id = any($1) and quota_crossed is not null', [runIds]);
    expect(stopped).toHaveLength(3);
    for (const runId of runIds) expect((await engine.ended(runId)).status).toBe('stopped_quota');
  });
});

describe('runs at once', () => {
  it('are never more than the plan allows, and always as many as are counted, whatever starts, is executed, retried, stopped, ends and is repaired', async () => {
    const tenant = await createTenant(engine.db.database);
    const { orgId } = tenant;
    await withOrg(engine.db.database, orgId, (tx) => setPlan(tx, orgId, { plan: 'free', overrides: { concurrentRuns: limit } }));
    const client = apiClient(api.url, tenant.apiKey);
    const targetId = await createTarget(engine.db.database, tenant, targetAt(engine.agent.url));
    engine.answerWith((_request, number) => ({ delayMs: 40, status: number % 3 === 0 ? 400 : 200 }));
    const path = `/api/projects/${tenant.projectId}/runs`;
    const start = (more: object = {}) => client.post(path, { targetId, scripts: ['S1'], ...more });
    const held = await Promise.all(Array.from({ length: 15 }, () => start({ start: false })));
    expect(held.map(({ status }) => status)).toEqual(held.map(() => 202));
    // The project of the tenant was not made by the API, which would have counted it.
    await keeper.repairAll();
    const repairsBefore = keeper.repairs;

    let isOver = false;
    const looks: (readonly [number, number])[] = [];
    const meanwhile = [
      (async () => {
        while (!isOver) {
          const { rows, counter } = await liveRuns(orgId);
          looks.push([rows, counter]);
        }
      })(),
      (async () => {
        while (!isOver) await keeper.repairAll();
      })(),
    ];
    const answers: ApiAnswer[] = [];
    const work = [
      ...Array.from({ length: 30 }, () => () => start()),
      ...held.map(
        ({ json }) =>
          () =>
            client.post(`/api/runs/${String(json['runId'])}/execute`),
      ),
      ...Array.from({ length: 20 }, (_, index) => () => retryAny(client, index)),
      ...Array.from({ length: 15 }, () => () => stopAny(client)),
    ];
    const waiting = work.toSorted((a, b) => (work.indexOf(a) % 7) - (work.indexOf(b) % 7));
    const hand = async (): Promise<void> => {
      for (let task = waiting.pop(); task !== undefined; task = waiting.pop()) answers.push(await task());
    };
    await Promise.all(Array.from({ length: 12 }, hand));
    isOver = true;
    await Promise.all(meanwhile);

    expect(answers.map(({ status }) => status).filter((status) => ![200, 202, 404, 409, 429].includes(status))).toEqual([]);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map(({ json }) => at(json, 'quota.name')))).toEqual(new Set(['concurrentRuns']));
    expect(looks.filter(([rows, counter]) => rows > limit || counter !== rows)).toEqual([]);
    expect(looks.some(([rows]) => rows === limit)).toBe(true);
    await client.post('/api/emergency-stop', { reason: 'the end of the test' });
    await waitUntil('all ends', async () => (await liveRuns(orgId)).rows === 0);
    expect(await liveRuns(orgId)).toEqual({ rows: 0, counter: 0 });
    await keeper.repairAll();
    expect(keeper.repairs).toBe(repairsBefore);
  });

  async function runsOf(client: ApiClient): Promise<readonly { readonly runId: string; readonly endedAt: string | null }[]> {
    return (await client.get('/api/runs?limit=100')).json['items'] as readonly { runId: string; endedAt: string | null }[];
  }

  async function retryAny(client: ApiClient, index: number): Promise<ApiAnswer> {
    const ended = (await runsOf(client)).filter(({ endedAt }) => endedAt !== null);
    return client.post(`/api/runs/${ended[index % Math.max(1, ended.length)]?.runId ?? 'run_00000000000000000000000000'}/retry`);
  }

  async function stopAny(client: ApiClient): Promise<ApiAnswer> {
    const live = (await runsOf(client)).find(({ endedAt }) => endedAt === null);
    return client.post(`/api/runs/${live?.runId ?? 'run_00000000000000000000000000'}/stop`);
  }
});
