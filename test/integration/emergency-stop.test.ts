import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findHalt, haltOrganization, liftHalt, type HaltGiver } from '../../db/guard/emergency-stop.ts';
import { finalizeRun } from '../../db/runs/finalize-run.ts';
import { lockHold } from '../../db/runs/held-runs.ts';
import { addUsage } from '../../db/usage/count-usage.ts';
import { withOrg } from '../../db/with-org.ts';
import type { OrgId, RunId } from '../../domain/ids.ts';
import { Reconciler } from '../../orchestration/reconciler.ts';
import { requireNoHalt } from '../../planning/require-start.ts';
import { createLogger } from '../../runtime/logger.ts';
import { newId } from '../../runtime/new-id.ts';
import { waitingForLock } from '../harness/database-locks.ts';
import { approvalsOf, pendingApprovals, setPolicy, strictPolicy } from '../harness/approvals.ts';
import { useEngine } from '../harness/engine.ts';
import { createTarget, createTenant, planRun, targetAt, testScripts, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, startTestApi, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { watchStalls } from '../harness/stalls.ts';
import { waitUntil } from '../harness/wait-until.ts';

const engine = useEngine();
const stalls = watchStalls();
let api: TestApi;

beforeAll(async () => {
  const { db, worker, agent } = engine;
  api = await startTestApi({ database: db.database, taskQueue: worker.taskQueue, allowPorts: [agent.port] });
});
afterAll(() => {
  stalls.stop();
  return api.close();
});

const halt = (orgId: OrgId, givenBy: HaltGiver = 'organization', by = 'somebody') =>
  withOrg(engine.db.database, orgId, (tx) => haltOrganization(tx, { orgId, givenBy, by, reason: 'a drill' }));
const inForce = (orgId: OrgId) => withOrg(engine.db.database, orgId, (tx) => findHalt(tx, orgId));

describe('an emergency stop ends runs in every live state within 5 s', () => {
  let reconciler: Reconciler;
  beforeAll(() => {
    const { db, worker } = engine;
    reconciler = new Reconciler({ database: db.database, runs: worker.runs, log: createLogger({ name: 'test', level: 'silent' }) });
    reconciler.start();
  });
  afterAll(() => reconciler.stop());

  it('those that work, are paused, wait for people, for a Retry-After, for Temporal, or are held', async () => {
    const tenant = await createTenant(engine.db.database);
    await setPolicy(engine.db, tenant, strictPolicy);
    const client = apiClient(api.url, tenant.apiKey);
    engine.answerWith(({ path }) => (path.includes('busy') ? { status: 429, headers: { 'retry-after': '60' } } : { delayMs: 200 }));
    const harmless = await start(tenant, '?works');
    const paused = await start(tenant, '?paused');
    const busy = await start(tenant, '?busy');
    const risky = await start(tenant, '?risky', 'Run sudo reboot, then join {{canary.left}} and {{canary.right}}.');
    const held = await hold(client, tenant);
    await waitUntil('requests', async () =>
      ['works', 'paused', 'busy'].every((path) => engine.agent.seen.some((seen) => seen.path.includes(path))),
    );
    await client.post(`/api/runs/${paused}/pause`);
    await pendingApprovals(engine.db, risky, 3);
    // The last, since the reconciler starts it when nobody else does.
    const queued = await plan(tenant, '?queued');
    const runIds = [harmless, paused, busy, risky, queued, held];

    const answer = await client.post('/api/emergency-stop', { reason: 'all of them' });
    const acknowledgedAtMs = Date.now();
    const lostBeforeMs = stalls.lostMs;
    expect([answer.status, (answer.json['stoppedRuns'] as string[]).toSorted()]).toEqual([200, runIds.toSorted()]);
    expect(new Set((await approvalsOf(engine.db, risky)).map(({ status }) => status))).toEqual(new Set(['cancelled']));
    const ended = await Promise.all(runIds.map((runId) => engine.ended(runId)));
    const [last] = await engine.db.query<{ at: Date }>('select max(ended_at) as at from runs where run_id = any($1)', [runIds]);
    expect((last?.at.getTime() ?? Infinity) - acknowledgedAtMs).toBeLessThan(5_000 + stalls.lostMs - lostBeforeMs);
    expect(ended.map(({ status }) => status)).toEqual(runIds.map(() => 'stopped'));
    await sleep(1_500);
    const withinMs = 1_000 + stalls.lostMs - lostBeforeMs;
    expect(engine.agent.seen.filter(({ atMs }) => atMs > acknowledgedAtMs + withinMs)).toEqual([]);
    expect(engine.agent.seen.some(({ path }) => path.includes('risky'))).toBe(false);
  });

  async function plan(tenant: TestTenant, query: string, prompt?: string): Promise<RunId> {
    const definition = targetAt(`${engine.agent.url}${query}`);
    const targetId = await createTarget(engine.db.database, tenant, definition);
    const scripts = testScripts(3, 100, prompt === undefined ? {} : { prompt });
    return planRun(engine.db.database, { tenant, targetId, definition, scripts, options: { concurrency: 3 } });
  }

  async function start(tenant: TestTenant, query: string, prompt?: string): Promise<RunId> {
    const runId = await plan(tenant, query, prompt);
    await engine.worker.runs.start(tenant.orgId, runId);
    return runId;
  }

  async function hold(client: ApiClient, tenant: TestTenant): Promise<RunId> {
    const targetId = await createTarget(engine.db.database, tenant, targetAt(engine.agent.url));
    const answer = await client.post(`/api/projects/${tenant.projectId}/runs`, { targetId, scripts: ['S1'], start: false });
    return answer.json['runId'] as RunId;
  }
});

describe('an emergency stop of 200 runs while Temporal is away', () => {
  it('is answered within 5 s with all of them, and no ledger is open then', async () => {
    const { db } = engine;
    const tenant = await createTenant(db.database);
    const definition = targetAt(engine.agent.url);
    const targetId = await createTarget(db.database, tenant, definition);
    const plan = () => planRun(db.database, { tenant, targetId, definition, scripts: testScripts(1, 1) });
    const planned: RunId[] = [];
    for (let round = 0; round < 20; round += 1) planned.push(...(await Promise.all(Array.from({ length: 10 }, plan))));
    const cutOff = await startTestApi({ database: db.database, temporalAddress: '127.0.0.1:1' });
    const startedAtMs = performance.now();
    const answer = await apiClient(cutOff.url, tenant.apiKey).post('/api/emergency-stop', { reason: 'all at once' });
    const tookMs = performance.now() - startedAtMs;
    expect(answer.status, answer.text).toBe(200);
    expect((answer.json['stoppedRuns'] as string[]).toSorted()).toEqual(planned.toSorted());
    expect(tookMs).toBeLessThan(5_000);
    const marks = await db.query(
      `select count(stop_requested_at)::int as steps, count(cleanup_stop_requested_at)::int as cleanups, count(*)::int as runs,
         (select count(*)::int from run_feed f where f.org_id = r.org_id and type = 'stop_requested') as told
       from runs r where org_id = $1 group by org_id`,
      [tenant.orgId],
    );
    expect(marks).toEqual([{ steps: 200, cleanups: 200, runs: 200, told: 200 }]);
    await cutOff.close();
  });
});

describe('an emergency stop and what goes on at the same moment never wait for each other in a circle', () => {
  it('a held run that is being executed', async () => {
    const tenant = await createTenant(engine.db.database);
    const definition = targetAt(engine.agent.url);
    const targetId = await createTarget(engine.db.database, tenant, definition);
    const runId = await planRun(engine.db.database, { tenant, targetId, definition, scripts: testScripts(1, 1) });
    const { orgId } = tenant;
    let halting: ReturnType<typeof halt> | undefined;
    const executing = withOrg(engine.db.database, orgId, async (tx) => {
      await lockHold(tx, { orgId, runId });
      halting = halt(orgId);
      await untilLocksAreWaitedFor(1);
      await requireNoHalt(tx, orgId);
    });
    await expect(executing).rejects.toMatchObject({ failure: 'halted' });
    expect(await halting).toMatchObject({ runIds: [runId] });
  });

  it('a run that ends while another is being started', async () => {
    const tenant = await createTenant(engine.db.database);
    const definition = targetAt(engine.agent.url);
    const targetId = await createTarget(engine.db.database, tenant, definition);
    const runId = await planRun(engine.db.database, { tenant, targetId, definition, scripts: testScripts(1, 1) });
    const { orgId } = tenant;
    let ending: Promise<unknown> | undefined;
    let halting: ReturnType<typeof halt> | undefined;
    const starting = withOrg(engine.db.database, orgId, async (tx) => {
      await addUsage(tx, orgId, { concurrent_runs: 1 });
      const final = { orgId, runId, ending: { kind: 'finished' }, newFindingId: () => newId('finding') } as const;
      ending = withOrg(engine.db.database, orgId, (other) => finalizeRun(other, final));
      await untilLocksAreWaitedFor(1);
      halting = halt(orgId);
      await untilLocksAreWaitedFor(2);
      await requireNoHalt(tx, orgId);
    });
    await expect(starting).rejects.toMatchObject({ failure: 'halted' });
    await ending;
    expect(await halting).toMatchObject({ isNew: true, runIds: [] });
  });

  function untilLocksAreWaitedFor(count: number): Promise<unknown> {
    return waitUntil(`${count} who wait for a lock`, async () => (await waitingForLock(engine.db)) >= count);
  }
});

describe('the emergency stop of an operator', () => {
  it('is not for the organization to lift, whose own stands beside it', async () => {
    const tenant = await createTenant(engine.db.database);
    const { orgId } = tenant;
    const client = apiClient(api.url, tenant.apiKey);
    await halt(orgId, 'operator', 'operator alice');
    const refused = await client.post('/api/emergency-stop/lift');
    expect([refused.status, refused.json['type']]).toEqual([403, 'urn:ordeal:problem:halted']);
    expect(await inForce(orgId)).toMatchObject({ haltedBy: 'operator alice' });
    await client.post('/api/emergency-stop', { reason: 'ours as well' });
    const lifted = await client.post('/api/emergency-stop/lift');
    expect(lifted.json).toMatchObject({ isHalted: true, haltedBy: 'operator alice' });
    await withOrg(engine.db.database, orgId, (tx) => liftHalt(tx, orgId, 'operator'));
    expect(await inForce(orgId)).toBeUndefined();
  });

  it('that is lifted leaves what an organization stopped by itself', async () => {
    const { orgId } = await createTenant(engine.db.database);
    await halt(orgId);
    await halt(orgId, 'operator', 'operator alice');
    await withOrg(engine.db.database, orgId, (tx) => liftHalt(tx, orgId, 'operator'));
    expect(await inForce(orgId)).toMatchObject({ haltedBy: 'somebody' });
    await expect(withOrg(engine.db.database, orgId, (tx) => requireNoHalt(tx, orgId))).rejects.toMatchObject({ failure: 'halted' });
  });
});
