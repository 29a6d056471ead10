import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { withOrg } from '../../db/with-org.ts';
import { setPlan } from '../../db/usage/set-plan.ts';
import type { RunId } from '../../domain/ids.ts';
import { Reconciler } from '../../orchestration/reconciler.ts';
import { createLogger } from '../../runtime/logger.ts';
import { startCli } from '../harness/cli-process.ts';
import { useEngine } from '../harness/engine.ts';
import { targetAt } from '../harness/plan-run.ts';
import { apiClient, startTestApi, type ApiClient, type Json, type TestApi } from '../harness/test-api.ts';

const engine = useEngine();
let api: TestApi;
let client: ApiClient;
let reconciler: Reconciler;
let targetId = '';

beforeAll(async () => {
  const { db, worker, agent, tenant } = engine;
  api = await startTestApi({ database: db.database, taskQueue: worker.taskQueue, allowPorts: [agent.port] });
  client = apiClient(api.url, tenant.apiKey);
  reconciler = new Reconciler({ database: db.database, runs: worker.runs, log: createLogger({ name: 'test', level: 'silent' }) });
  const target = await client.post(`/api/projects/${tenant.projectId}/targets`, { name: 'agent', definition: targetAt(agent.url) });
  targetId = String(target.json['targetId']);
});
afterAll(() => api.close());

const plan = (more: object = {}) =>
  client.post(`/api/projects/${engine.tenant.projectId}/runs`, { targetId, scripts: ['S1'], start: false, ...more });

async function hold(): Promise<RunId> {
  const answer = await plan();
  expect([answer.status, answer.json['detail'], answer.json['status']]).toEqual([202, undefined, 'queued']);
  return answer.json['runId'] as RunId;
}

const execute = (runId: RunId) => client.post(`/api/runs/${runId}/execute`);
const runOf = async (runId: RunId): Promise<Json> => (await client.get(`/api/runs/${runId}`)).json;
const expire = (runId: RunId) => engine.db.query(`update runs set held_until = now() - interval '1 second' where run_id = $1`, [runId]);

async function used(name: string): Promise<unknown> {
  const { json } = await client.get('/api/usage');
  return (json['quotas'] as readonly Json[]).find((quota) => quota['name'] === name)?.['used'];
}

describe('a held run', () => {
  it('shows its plan and sends nothing, whatever the reconciler does, until it is executed: then just that plan, once', async () => {
    engine.agent.seen.length = 0;
    const runId = await hold();
    await engine.db.query(`update runs set created_at = now() - interval '1 hour' where run_id = $1`, [runId]);
    await reconciler.sweep();
    await expect(engine.worker.runs.start(engine.tenant.orgId, runId)).rejects.toMatchObject({ failure: 'conflict' });
    const { planHash, heldUntil } = await runOf(runId);
    expect(Date.parse(String(heldUntil))).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    const rows = (await client.get(`/api/runs/${runId}/plan?limit=100`)).json['items'] as readonly Json[];
    expect(rows.length).toBeGreaterThan(0);
    expect([await engine.worker.runs.state(runId), engine.agent.seen.length]).toEqual(['missing', 0]);
    const answers = await Promise.all(Array.from({ length: 6 }, () => execute(runId)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 202]);
    await engine.ended(runId);
    expect(engine.agent.seen.length).toBeGreaterThan(0);
    expect(await runOf(runId)).toMatchObject({ planHash, heldUntil: null });
    const audited = await engine.db.query(`select 1 from audit_logs where object_id = $1 and action = 'run.execute'`, [runId]);
    expect(audited).toHaveLength(1);
    expect((await execute(runId)).json['status']).toBe((await runOf(runId))['status']);
  });

  it('is none of the runs at once before it is executed, and one of them then', async () => {
    const { orgId } = engine.tenant;
    await withOrg(engine.db.database, orgId, (tx) =>
      setPlan(tx, orgId, { plan: 'free', overrides: { concurrentRuns: 1, runsPerDay: null } }),
    );
    engine.answerWith(() => ({ delayMs: 8_000 }));
    const [first, second] = [await hold(), await hold()];
    expect(await used('concurrentRuns')).toBe(0);
    expect((await execute(first)).status).toBe(202);
    expect(await used('concurrentRuns')).toBe(1);
    const refused = await execute(second);
    expect([refused.status, (refused.json['quota'] as Json)['name']]).toEqual([429, 'concurrentRuns']);
    await client.post(`/api/runs/${first}/stop`);
    await engine.ended(first);
    expect(await used('concurrentRuns')).toBe(0);
    await expire(second);
    await reconciler.sweep();
    expect(await used('concurrentRuns')).toBe(0);
    await withOrg(engine.db.database, orgId, (tx) => setPlan(tx, orgId, { plan: 'self_hosted', overrides: {} }));
    engine.answerWith(() => ({}));
  });

  it('ends by itself when nobody executes it in time, and cannot be executed then', async () => {
    const runId = await hold();
    await expire(runId);
    expect((await execute(runId)).status).toBe(409);
    await reconciler.sweep();
    expect(await runOf(runId)).toMatchObject({ status: 'stopped', statusReason: 'Not begun: nobody executed it within 168 hours.' });
    expect((await execute(runId)).status).toBe(409);
    expect(reconciler.repairs.hold_ended).toBeGreaterThan(0);
  });

  it('that is stopped ends as stopped, and never starts', async () => {
    const runId = await hold();
    expect((await client.post(`/api/runs/${runId}/stop`)).status).toBe(202);
    expect((await execute(runId)).status).toBe(409);
    await reconciler.sweep();
    const { status, statusReason } = await runOf(runId);
    expect([status, statusReason]).toEqual(['stopped', expect.stringMatching(/^Stopped on request of key_/)]);
    expect(await engine.worker.runs.state(runId)).toBe('missing');
  });

  it('is planned and executed on the command line', async () => {
    const ordeal = (...args: readonly string[]) => startCli(args, { ORDEAL_URL: api.url, ORDEAL_API_KEY: engine.tenant.apiKey }).ended;
    const held = await ordeal('run', '--hold', '--target', targetId, '--scripts', 'S1');
    const runId = held.stdout.trim() as RunId;
    expect([held.code, (await runOf(runId))['startedAt']]).toEqual([0, null]);
    expect(await ordeal('runs', 'execute', runId)).toMatchObject({ code: 0, stdout: `${runId} is starting\n` });
    await engine.ended(runId);
  });
});
