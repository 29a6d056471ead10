import { createHmac, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { withOrg } from '../../db/with-org.ts';
import { addUsage } from '../../db/usage/count-usage.ts';
import { admitModelTokens } from '../../db/usage/admit-model-tokens.ts';
import { setPlan } from '../../db/usage/set-plan.ts';
import type { Plan, QuotaOverrides } from '../../domain/quotas.ts';
import { UsageKeeper } from '../../orchestration/usage-keeper.ts';
import { sidecarSigningKey } from '../../runtime/access-token.ts';
import { createLogger } from '../../runtime/logger.ts';
import { newId } from '../../runtime/new-id.ts';
import type { RunId } from '../../domain/ids.ts';
import type { SeenRequest } from '../fakes/scripted-agent.ts';
import { useEngine, type Answer } from '../harness/engine.ts';
import { createTarget, createTenant, targetAt, testScripts, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, at, settled, startTestApi, type ApiAnswer, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const engine = useEngine();
let api: TestApi;
let keeper: UsageKeeper;

beforeAll(async () => {
  api = await startTestApi({ database: engine.db.database, taskQueue: engine.worker.taskQueue });
  const log = createLogger({ name: 'test', level: 'silent' });
  keeper = new UsageKeeper({ database: engine.db.database, runs: engine.worker.runs, log });
});
afterAll(() => api.close());

interface Tenant extends TestTenant {
  readonly client: ApiClient;
}

async function tenantOf(plan: Plan, overrides: QuotaOverrides = {}): Promise<Tenant> {
  const tenant = await createTenant(engine.db.database);
  await withOrg(engine.db.database, tenant.orgId, (tx) => setPlan(tx, tenant.orgId, { plan, overrides }));
  return { ...tenant, client: apiClient(api.url, tenant.apiKey) };
}

/** Starts a run of one built-in script against an agent that nobody asks: the worker may get to it or not. */
async function starter(tenant: Tenant): Promise<(body?: object) => Promise<ApiAnswer>> {
  const targetId = await createTarget(engine.db.database, tenant, targetAt(engine.agent.url));
  return (body = {}) => {
    const headers = { 'idempotency-key': randomUUID() };
    return settled(() => tenant.client.post(`/api/projects/${tenant.projectId}/runs`, { targetId, scripts: ['S1'], ...body }, headers));
  };
}

async function used(tenant: Tenant, name: string): Promise<unknown> {
  const { json } = await tenant.client.get('/api/usage');
  return (json['quotas'] as { readonly name: string; readonly used: number | null }[]).find((quota) => quota.name === name)?.used;
}

const quotaOf = ({ json }: ApiAnswer) => json['quota'] as Record<string, unknown> | undefined;

describe('a quota at the door', () => {
  it('of 200 parallel starts at a limit of 5 lets exactly 5 through, and tells the others which, how much and until when', async () => {
    const tenant = await tenantOf('free', { runsPerDay: 5, concurrentRuns: null });
    const start = await starter(tenant);
    const answers = await Promise.all(Array.from({ length: 200 }, () => start()));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(5);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(195);
    for (const { json } of refused)
      expect([json['type'], at(json, 'quota.name')]).toEqual(['urn:ordeal:problem:quota_exceeded', 'runsPerDay']);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    expect(quotaOf(refused[0] as ApiAnswer)).toEqual({ name: 'runsPerDay', limit: 5, used: 5, resetAt: `${tomorrow}T00:00:00.000Z` });
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect([await used(tenant, 'runsPerDay'), await used(tenant, 'runsPerMonth')]).toEqual([5, 5]);
    const rows = await engine.db.query('select 1 from runs where org_id = $1', [tenant.orgId]);
    expect(rows).toHaveLength(5);
  });

  it('of runs at once gives room back when a run ends, however it ends', async () => {
    const tenant = await tenantOf('free', { concurrentRuns: 1 });
    const start = await starter(tenant);
    engine.answerWith(() => ({ delayMs: 8_000 }));
    const first = await start();
    expect(first.status).toBe(202);
    const second = await start();
    expect([second.status, quotaOf(second)]).toEqual([429, { name: 'concurrentRuns', limit: 1, used: 1, resetAt: null }]);
    const denied = await tenant.client.get('/api/audit-logs?action=denied');
    expect(denied.json['items']).toMatchObject([{ objectId: 'createRun', detail: { failure: 'quota_exceeded' } }]);
    const runId = String(first.json['runId']) as RunId;
    await tenant.client.post(`/api/runs/${runId}/stop`);
    // As the reconciler does, of which there is none here, for a run whose start Temporal was too busy to take.
    await engine.worker.runs.start(tenant.orgId, runId);
    await waitUntil('the end', async () => (await tenant.client.get(`/api/runs/${runId}`)).json['endedAt']);
    expect(await used(tenant, 'concurrentRuns')).toBe(0);
    engine.answerWith(() => ({}));
    expect((await start()).status).toBe(202);
  });

  it('of projects is exact under parallel requests, and names itself', async () => {
    const tenant = await tenantOf('free');
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => tenant.client.post('/api/projects', { name: `P${n}` })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    expect(quotaOf(answers.find(({ status }) => status === 429) as ApiAnswer)).toMatchObject({ name: 'projects', limit: 5, used: 5 });
    expect(await used(tenant, 'projects')).toBe(5);
  });

  it('of minutes refuses a longer run, and caps one that says nothing', async () => {
    const tenant = await tenantOf('free', { runMinutes: 12 });
    const start = await starter(tenant);
    expect(quotaOf(await start({ maxDurationMinutes: 13 }))).toEqual({ name: 'runMinutes', limit: 12, used: 13, resetAt: null });
    expect(at((await start()).json, 'options.maxDurationMinutes')).toBe(12);
  });

  it('of storage and stored events refuses further runs', async () => {
    const tenant = await tenantOf('free', { storedEvents: 10, concurrentRuns: null });
    const start = await starter(tenant);
    await withOrg(engine.db.database, tenant.orgId, (tx) => addUsage(tx, tenant.orgId, { events_by_day: 10 }));
    expect(quotaOf(await start())).toMatchObject({ name: 'storedEvents', limit: 10, used: 10 });
    const other = await tenantOf('free', { storageMegabytes: 1 });
    await withOrg(engine.db.database, other.orgId, (tx) => addUsage(tx, other.orgId, { event_bytes_by_day: 1_000_001 }));
    expect(quotaOf(await (await starter(other))())).toMatchObject({ name: 'storageMegabytes', limit: 1, used: 1 });
  });

  it('forgets what is older than the retention', async () => {
    const tenant = await tenantOf('free', { storedEvents: 10 });
    await engine.db.query(
      `insert into usage_counters (org_id, counter, period, used)
       select $1, 'events_by_day', to_char((now() at time zone 'UTC') - make_interval(days => d), 'YYYY-MM-DD'), 8 from unnest(array[6, 7]) d`,
      [tenant.orgId],
    );
    expect(await used(tenant, 'storedEvents')).toBe(8);
  });

  it('does not exist for whoever runs Ordeal on their own', async () => {
    const tenant = await createTenant(engine.db.database);
    const { json } = await apiClient(api.url, tenant.apiKey).get('/api/usage');
    expect(json['plan']).toBe('self_hosted');
    expect((json['quotas'] as { limit: unknown }[]).every(({ limit }) => limit === null)).toBe(true);
  });

  it('of model tokens is held before they are spent, those of requests under way included', async () => {
    const tenant = await tenantOf('free', { modelTokensPerMonth: 1_000 });
    const reserve = (tokens: number) =>
      withOrg(engine.db.database, tenant.orgId, async (tx) => {
        await admitModelTokens(tx, tenant.orgId, tokens);
        const call = {
          org_id: tenant.orgId,
          call_id: newId('modelCall'),
          purpose: 'generator',
          position: 1,
          model: 'm',
          base_url: 'http://m',
        };
        await tx
          .insertInto('model_calls')
          .values({ ...call, tokens_reserved: tokens })
          .execute();
      });
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => reserve(300)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await used(tenant, 'modelTokensPerMonth')).toBe(900);
    await expect(reserve(101)).rejects.toMatchObject({
      failure: 'quota_exceeded',
      members: { quota: { name: 'modelTokensPerMonth', used: 900 } },
    });
  });
});

describe('a run that crosses a quota', () => {
  async function sidecarRun(tenant: Tenant) {
    const targetId = await createTarget(engine.db.database, tenant, targetAt(engine.agent.url, { sidecar: true }));
    const token = String((await tenant.client.post(`/api/targets/${targetId}/sidecar-tokens`, {})).json['token']);
    const stream = randomUUID();
    let sequence = 0;
    const send = (probeId: string, count: number): Promise<ApiAnswer> => {
      const events = Array.from({ length: count }, () => {
        sequence += 1;
        return {
          eventId: `${stream}/${sequence}`,
          stream,
          sequence,
          type: 'turn_started',
          probeId,
          occurredAt: '2026-11-21T04:50:00.000Z',
        };
      });
      const body = JSON.stringify({ events });
      const time = Math.floor(Date.now() / 1_000);
      const mac = createHmac('sha256', sidecarSigningKey(token)).update(`${time}.${body}`).digest('hex');
      return apiClient(api.url, token).post('/api/ingest/events', body, {
        'x-ordeal-signature': `t=${time},v1=${mac}`,
        'idempotency-key': '',
      });
    };
    return { targetId, send };
  }

  async function ended(tenant: Tenant, runId: string): Promise<ApiAnswer> {
    await waitUntil('the end', async () => (await tenant.client.get(`/api/runs/${runId}`)).json['endedAt']);
    return tenant.client.get(`/api/runs/${runId}`);
  }

  const runIdOf = ({ headers }: SeenRequest): string => String(headers['x-ordeal-run-id']);

  /** Answers so many requests of each run, and then only when nobody waits any more. Runs of other tests may still ask as well. */
  function answersFirst(count: number, reply?: string): Answer {
    const asked = new Map<string, number>();
    return (request) => {
      const number = (asked.get(runIdOf(request)) ?? 0) + 1;
      asked.set(runIdOf(request), number);
      return { delayMs: number > count ? 30_000 : 10, ...(reply === undefined ? {} : { reply }) };
    };
  }

  const requestsOf = (runId: string, count: number) =>
    waitUntil(`${count} requests`, async () => engine.agent.seen.filter((request) => runIdOf(request) === runId).length >= count);

  it('of events ends stopped_quota, keeps its results, and its further events are refused for good', async () => {
    const tenant = await tenantOf('free', { eventsPerRun: 150 });
    const { targetId, send } = await sidecarRun(tenant);
    await engine.plan({ scripts: testScripts(1, 1), answer: answersFirst(3) });
    const started = await tenant.client.post(`/api/projects/${tenant.projectId}/runs`, {
      targetId,
      scripts: ['S1', 'S2', 'S3'],
      concurrency: 1,
    });
    const runId = String(started.json['runId']);
    const probes = await tenant.client.get(`/api/runs/${runId}/probes?limit=1`);
    const probeId = String(at(probes.json, 'items.0.probeId'));
    expect([(await send(probeId, 100)).status, (await send(probeId, 50)).status]).toEqual([200, 200]);
    await requestsOf(runId, 4);
    const over = await send(probeId, 3);
    expect([over.status, over.json['type'], at(over.json, 'batch.accepted')]).toEqual([429, 'urn:ordeal:problem:quota_exceeded', 0]);
    expect(quotaOf(over)).toEqual({ name: 'eventsPerRun', limit: 150, used: 150, resetAt: null });
    expect(at(over.json, 'batch.errors.0.retryAfterSeconds')).toBeUndefined();
    const run = await ended(tenant, runId);
    expect([run.json['status'], run.json['statusReason']]).toEqual([
      'stopped_quota',
      "Stopped at a quota of the organization's plan: 150 sidecar events in a run.",
    ]);
    expect(Number(at(run.json, 'score.counts.not_run'))).toBeGreaterThan(0);
    const answered = await engine.db.query(`select 1 from attempts where run_id = $1 and state = 'answered'`, [runId]);
    expect(answered.length).toBeGreaterThan(0);
    const audit = await engine.db.query(`select detail from audit_logs where object_id = $1 and action = 'run.quota_crossed'`, [runId]);
    expect(audit).toEqual([{ detail: { quota: 'eventsPerRun', limit: 150, used: 150 } }]);
  });

  it('of events is met exactly by batches that come at once', async () => {
    const tenant = await tenantOf('free', { eventsPerRun: 150 });
    const { targetId, send } = await sidecarRun(tenant);
    await engine.plan({ scripts: testScripts(1, 1), answer: () => ({ delayMs: 30_000 }) });
    const started = await tenant.client.post(`/api/projects/${tenant.projectId}/runs`, { targetId, scripts: ['S1'] });
    const probes = await tenant.client.get(`/api/runs/${String(started.json['runId'])}/probes?limit=1`);
    const probeId = String(at(probes.json, 'items.0.probeId'));
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(probeId, 20)));
    const accepted = answers.map(({ json }) => Number(json['accepted'] ?? at(json, 'batch.accepted')));
    expect(accepted.reduce((sum, count) => sum + count, 0)).toBe(150);
    expect(await used(tenant, 'storedEvents')).toBe(150);
    await ended(tenant, String(started.json['runId']));
  });

  it('of storage ends stopped_quota at the next look of the keeper', async () => {
    const tenant = await tenantOf('free', { storageMegabytes: 1 });
    const targetId = await createTarget(engine.db.database, tenant, targetAt(engine.agent.url));
    const answer = answersFirst(8, 'x'.repeat(300_000));
    const looked = Promise.withResolvers<void>();
    await engine.plan({
      scripts: testScripts(1, 1),
      answer: async (...request) => {
        await looked.promise;
        return answer(...request);
      },
    });
    const started = await tenant.client.post(`/api/projects/${tenant.projectId}/runs`, { targetId, concurrency: 1 });
    const runId = String(started.json['runId']);
    await keeper.watchQuotas();
    expect((await tenant.client.get(`/api/runs/${runId}`)).json['stopRequestedAt']).toBeNull();
    looked.resolve();
    await requestsOf(runId, 9);
    await keeper.watchQuotas();
    const run = await ended(tenant, runId);
    expect([run.json['status'], run.json['stopRequestedBy']]).toEqual(['stopped_quota', 'the quota storageMegabytes']);
    expect(Number(await used(tenant, 'storageMegabytes'))).toBeGreaterThan(1);
  });
});

describe('usage counters', () => {
  it('are set right from the rows, and a repair of what is right changes nothing', async () => {
    const tenant = await tenantOf('free', { concurrentRuns: null });
    const start = await starter(tenant);
    await Promise.all([start(), start(), start()]);
    await engine.db.query(`update usage_counters set used = 77 where org_id = $1 and counter in ('runs_by_day', 'projects')`, [
      tenant.orgId,
    ]);
    await engine.db.query(`delete from usage_counters where org_id = $1 and counter = 'runs_by_month'`, [tenant.orgId]);
    await keeper.repairAll();
    expect([await used(tenant, 'runsPerDay'), await used(tenant, 'runsPerMonth'), await used(tenant, 'projects')]).toEqual([3, 3, 1]);
    const repairs = keeper.repairs;
    await keeper.repairAll();
    expect(keeper.repairs).toBe(repairs);
  });

  it('of the events of a live run are set right as well', async () => {
    const tenant = await tenantOf('free');
    const start = await starter(tenant);
    const runId = String((await start({ start: false })).json['runId']);
    await engine.db.query('update run_usage set events = 9999 where run_id = $1', [runId]);
    await keeper.repairAll();
    const events = () => engine.db.query('select events::int from run_usage where run_id = $1', [runId]);
    expect(await events()).toEqual([{ events: 0 }]);
    const audited = await engine.db.query(`select detail from audit_logs where org_id = $1 and action = 'usage.repaired'`, [tenant.orgId]);
    expect(JSON.stringify(audited)).toContain('events_of_run');
  });

  it('stay right when they are repaired while runs start and end', async () => {
    const tenant = await tenantOf('free', { concurrentRuns: null });
    const start = await starter(tenant);
    await engine.plan({ scripts: testScripts(1, 1) });
    let isOver = false;
    const repairing = (async () => {
      while (!isOver) await keeper.repairAll();
    })();
    await Promise.all(Array.from({ length: 40 }, () => start()));
    await waitUntil(
      'all ends',
      async () => {
        const rows = await engine.db.query('select 1 from runs where org_id = $1 and ended_at is null', [tenant.orgId]);
        return rows.length === 0;
      },
      60_000,
    );
    isOver = true;
    await repairing;
    expect([await used(tenant, 'runsPerDay'), await used(tenant, 'concurrentRuns')]).toEqual([40, 0]);
  });
});
