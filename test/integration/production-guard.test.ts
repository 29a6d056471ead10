import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { findHalt, haltOrganization } from '../../db/guard/emergency-stop.ts';
import { withOrg } from '../../db/with-org.ts';
import type { RunId } from '../../domain/ids.ts';
import { guardStatementNames } from '../../domain/production-guard.ts';
import { approveUntilEnd } from '../harness/approvals.ts';
import { useEngine } from '../harness/engine.ts';
import { createTenant, targetAt, testScripts } from '../harness/plan-run.ts';
import { checkoutRoot, randomSecretKey, serviceEnv } from '../harness/service-env.ts';
import { apiClient, at, startTestApi, type ApiAnswer, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { watchStalls } from '../harness/stalls.ts';
import { waitUntil } from '../harness/wait-until.ts';

const engine = useEngine();
const stalls = watchStalls();
let api: TestApi;
let client: ApiClient;
beforeAll(async () => {
  api = await startTestApi({ database: engine.db.database, taskQueue: engine.worker.taskQueue, allowPorts: [engine.agent.port] });
  client = apiClient(api.url, engine.tenant.apiKey);
});
afterAll(() => {
  stalls.stop();
  return api.close();
});

interface Shop {
  readonly projectId: string;
  readonly targetId: string;
  readonly definition: ReturnType<typeof targetAt>;
}

async function productionProject(): Promise<Shop> {
  const project = await client.post('/api/projects', { name: 'Shop', environment: 'production' });
  const projectId = String(project.json['projectId']);
  const definition = targetAt(engine.agent.url);
  const target = await client.post(`/api/projects/${projectId}/targets`, { name: 'agent', definition });
  expect([project.status, target.status]).toEqual([201, 201]);
  return { projectId, targetId: String(target.json['targetId']), definition };
}

async function confirm({ projectId }: Shop, statements: readonly string[] = guardStatementNames): Promise<void> {
  for (const statement of statements) {
    const { status } = await client.post(`/api/projects/${projectId}/confirmations`, { statement, reason: `checked ${statement}` });
    expect([statement, status]).toEqual([statement, 201]);
  }
}

const start = ({ projectId, targetId }: Shop): Promise<ApiAnswer> =>
  client.post(`/api/projects/${projectId}/runs`, { targetId, scripts: ['S1'] });
const missingOf = (answer: ApiAnswer): string[] =>
  (answer.json['issues'] as { field: string }[]).map(({ field }) => field.replace('confirmations.', ''));

describe('the production guard', () => {
  it('refuses a run and names what is missing, until each statement is confirmed by itself', async () => {
    const shop = await productionProject();
    const refused = await start(shop);
    expect([refused.status, String(refused.json['type']), missingOf(refused)]).toEqual([
      403,
      'urn:ordeal:problem:production_unconfirmed',
      guardStatementNames,
    ]);
    await confirm(shop, ['no_customer_secrets']);
    expect(missingOf(await start(shop))).toEqual(['no_customer_traffic', 'unsafe_behaviour_accepted']);
    await confirm(shop, ['no_customer_traffic', 'unsafe_behaviour_accepted']);
    const run = await start(shop);
    expect(run.status).toBe(202);
    expect(run.json['guard']).toMatchObject({
      environment: 'production',
      confirmations: guardStatementNames.map(() => ({ memberName: 'First member', reason: expect.stringMatching(/^checked /) as string })),
    });
    const denied = await client.get('/api/audit-logs?action=denied&objectId=createRun');
    expect((denied.json['items'] as { detail: { failure: string } }[]).map(({ detail }) => detail.failure)).toContain(
      'production_unconfirmed',
    );
    await approveUntilEnd(engine, String(run.json['runId']) as RunId);
    const markdown = await client.get(`/api/runs/${String(run.json['runId'])}/report?format=markdown`);
    expect(markdown.text).toMatch(/Environment: production\n(?:.*\n)*.*serves no customer traffic.*confirmed by First member/);
  });

  const changes: [string, (shop: Shop) => Promise<unknown>][] = [
    ['an added target', ({ projectId, definition }) => client.post(`/api/projects/${projectId}/targets`, { name: 'second', definition })],
    ['a changed target', ({ targetId }) => engine.db.query('update targets set revision = revision + 1 where target_id = $1', [targetId])],
    [
      'a changed environment',
      async ({ projectId }) => {
        await client.post(`/api/projects/${projectId}/environment`, { environment: 'staging' });
        await client.post(`/api/projects/${projectId}/environment`, { environment: 'production' });
      },
    ],
  ];
  it.each(changes)('is closed again by %s, and keeps who had confirmed what', async (_name, change) => {
    const shop = await productionProject();
    await confirm(shop);
    await change(shop);
    expect(missingOf(await start(shop))).toEqual(guardStatementNames);
    const kept = await engine.db.query('select voided_at, void_reason from production_confirmations where project_id = $1', [
      shop.projectId,
    ]);
    expect(kept).toEqual(
      guardStatementNames.map(() => ({ voided_at: expect.any(Date) as Date, void_reason: expect.any(String) as string })),
    );
  });

  it('lets a run that was planned before it closed send nothing', async () => {
    const shop = await productionProject();
    await confirm(shop);
    const target = await engine.plan({ scripts: testScripts(2, 1) });
    await engine.db.query("update projects set environment = 'production' where project_id = $1", [engine.tenant.projectId]);
    await engine.worker.runs.start(engine.tenant.orgId, target);
    expect(await engine.ended(target)).toMatchObject({
      status: 'stopped',
      reason: expect.stringMatching(/Not begun: the project is production/) as string,
    });
    expect(engine.agent.seen).toHaveLength(0);
    await engine.db.query("update projects set environment = 'test' where project_id = $1", [engine.tenant.projectId]);
  });

  it('keeps the first confirmation of a statement, and takes none where there is nothing to confirm', async () => {
    const shop = await productionProject();
    const [statement] = guardStatementNames;
    const path = `/api/projects/${shop.projectId}/confirmations`;
    await client.post(path, { statement, reason: 'first' });
    const second = await client.post(path, { statement, reason: 'second' });
    expect(at(second.json, 'statements.0.confirmation.reason')).toBe('first');
    const elsewhere = await client.post(`/api/projects/${engine.tenant.projectId}/confirmations`, { statement, reason: 'x' });
    expect(elsewhere.status).toBe(409);
    expect((await client.post(path, { statement, reason: '  ' })).status).toBe(400);
  });
});

describe('an emergency stop', () => {
  it('lets no request of 20 live runs start 1 s after it, ends all within 5 s, and lets none start until it is lifted', async () => {
    const runIds = await Promise.all(
      // They have to outlive the start of all of them on a busy machine, and leave it time to end them.
      Array.from({ length: 20 }, () => engine.start({ scripts: testScripts(100, 1), answer: () => ({ delayMs: 1_000 }) })),
    );
    await waitUntil('requests of the runs', async () => engine.agent.seen.length > 40);
    const halted = await client.post('/api/emergency-stop', { reason: 'a drill' });
    const acknowledgedAtMs = Date.now();
    const lostBeforeMs = stalls.lostMs;
    expect([halted.status, (halted.json['stoppedRuns'] as string[]).toSorted()]).toEqual([200, runIds.toSorted()]);
    const refused = await client.post(`/api/projects/${engine.tenant.projectId}/runs`, { targetId: await anyTarget(), scripts: ['S1'] });
    expect([refused.status, refused.json['type']]).toEqual([403, 'urn:ordeal:problem:halted']);
    const ended = await Promise.all(runIds.map((runId) => engine.ended(runId)));
    const lostMs = stalls.lostMs - lostBeforeMs;
    const [last] = await engine.db.query<{ at: Date }>('select max(ended_at) as at from runs where run_id = any($1)', [runIds]);
    expect((last?.at.getTime() ?? Infinity) - acknowledgedAtMs).toBeLessThan(5_000 + lostMs);
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['stopped']));
    expect(engine.agent.seen.filter(({ atMs }) => atMs > acknowledgedAtMs + 1_000 + lostMs)).toEqual([]);
    expect((await client.post('/api/emergency-stop/lift')).json['isHalted']).toBe(false);
    const run = await client.post(`/api/projects/${engine.tenant.projectId}/runs`, { targetId: await anyTarget(), scripts: ['S1'] });
    expect(run.status).toBe(202);
    await engine.ended(String(run.json['runId']) as RunId);
  });

  it('and 30 starts at the same moment leave no run alive', async () => {
    const targetId = await anyTarget();
    const path = `/api/projects/${engine.tenant.projectId}/runs`;
    const starts = Array.from({ length: 30 }, () => client.post(path, { targetId, scripts: ['S1'] }));
    const halt = client.post('/api/emergency-stop', { reason: 'a race' });
    const answers = await Promise.all(starts);
    expect((await halt).status).toBe(200);
    for (const answer of answers.filter(({ status }) => status === 202)) await engine.ended(String(answer.json['runId']) as RunId);
    const live = await engine.db.query(
      "select 1 from runs where org_id = $1 and status in ('queued', 'running') and stop_requested_at is null",
      [engine.tenant.orgId],
    );
    expect(live).toEqual([]);
    await client.post('/api/emergency-stop/lift');
  });

  it('of an operator halts every organization, tells which runs it stopped, and is lifted the same way', async () => {
    const other = await createTenant(engine.db.database, 'Other');
    // It has to outlive the start of another process on a busy machine.
    const runId = await engine.start({ scripts: testScripts(40, 1), answer: () => ({ delayMs: 5_000 }) });
    await waitUntil('a request', async () => engine.agent.seen.length > 0);
    expect(await operate('--reason', 'incident 12')).toMatch(/organizations are halted, 1 live runs are stopped/);
    expect(await engine.ended(runId)).toMatchObject({ status: 'stopped' });
    const halt = await withOrg(engine.db.database, other.orgId, (tx) => findHalt(tx, other.orgId));
    expect(halt).toMatchObject({ haltedBy: 'operator alice', reason: 'incident 12' });
    await operate('--lift');
    expect(await withOrg(engine.db.database, other.orgId, (tx) => findHalt(tx, other.orgId))).toBeUndefined();
    const rows = await client.get('/api/audit-logs?actor=operator%20alice');
    expect((rows.json['items'] as { action: string }[]).map(({ action }) => action)).toEqual([
      'organization.lift_halt',
      'organization.halt',
    ]);
  });

  it('twice is the same as once: the first one and its reason stay', async () => {
    const tenant = await createTenant(engine.db.database, 'Twice');
    const halt = (by: string) =>
      withOrg(engine.db.database, tenant.orgId, (tx) =>
        haltOrganization(tx, { orgId: tenant.orgId, givenBy: 'organization', by, reason: by }),
      );
    await halt('first');
    expect(await halt('second')).toMatchObject({ isNew: false, halt: { haltedBy: 'first', reason: 'first' }, runIds: [] });
  });

  async function anyTarget(): Promise<string> {
    const definition = targetAt(engine.agent.url);
    const made = await client.post(`/api/projects/${engine.tenant.projectId}/targets`, { name: 'agent', definition });
    return String(made.json['targetId']);
  }

  async function operate(...args: string[]): Promise<string> {
    const env = serviceEnv({
      databaseUrl: engine.db.url,
      temporalAddress: inject('temporalAddress'),
      taskQueue: engine.worker.taskQueue,
      secretKey: randomSecretKey(),
      allowPorts: [],
    });
    const child = spawn(process.execPath, ['scripts/emergency-stop.ts', '--by', 'alice', ...args], {
      cwd: checkoutRoot,
      env: { ...env, LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(0);
    return output;
  }
});
