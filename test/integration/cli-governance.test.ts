import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { RunId } from '../../domain/ids.ts';
import { startCli } from '../harness/cli-process.ts';
import { useEngine } from '../harness/engine.ts';
import { createTenant, targetAt, type TestTenant } from '../harness/plan-run.ts';
import { checkoutRoot } from '../harness/service-env.ts';
import { apiClient, startTestApi, type ApiClient, type TestApi } from '../harness/test-api.ts';

const engine = useEngine({ hasReconciler: true });
let api: TestApi;
let tenant: TestTenant;
let client: ApiClient;

beforeAll(async () => {
  const { db, worker, agent } = engine;
  api = await startTestApi({ database: db.database, taskQueue: worker.taskQueue, allowPorts: [agent.port] });
  tenant = await createTenant(db.database);
  client = apiClient(api.url, tenant.apiKey);
});
afterAll(() => api.close());

const ordeal = (...args: readonly string[]) => startCli(args, { ORDEAL_URL: api.url, ORDEAL_API_KEY: tenant.apiKey }).ended;

async function setPlan(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, DATABASE_URL: engine.db.url };
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/set-plan.ts', tenant.orgId, ...args], {
    cwd: checkoutRoot,
    env,
  });
  return stdout;
}

describe('the command lines of docs/production.md', () => {
  it('make a project production, confirm each statement, and show who did and what is missing', async () => {
    const project = await client.post('/api/projects', { name: 'Shop' });
    const path = `/api/projects/${String(project.json['projectId'])}`;
    const target = await client.post(`${path}/targets`, { name: 'agent', definition: targetAt(engine.agent.url) });
    expect(await ordeal('projects', 'environment', 'Shop', 'production')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('production') as string,
    });
    const run = () => ordeal('run', '--detach', '--target', String(target.json['targetId']), '--scripts', 'S1');
    const refused = await run();
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/serves no customer traffic.*\n*.*no real secrets of customers.*\n*.*Unsafe behaviour/s);
    const reason = 'separate deployment, see change 4711';
    const confirmed = await ordeal('projects', 'confirm', 'Shop', '--statement', 'no_customer_traffic', '--reason', reason);
    expect(confirmed).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('runs are refused until everything is confirmed') as string,
    });
    expect((await run()).stderr).not.toContain('serves no customer traffic');
    for (const statement of ['no_customer_secrets', 'unsafe_behaviour_accepted'])
      expect((await ordeal('projects', 'confirm', 'Shop', '--statement', statement, '--reason', reason)).code).toBe(0);
    const guard = await ordeal('projects', 'guard', 'Shop');
    expect(guard.stdout).toMatch(/^production: runs may start\n/);
    expect(guard.stdout.match(/First member \(\w+\) +separate deployment, see change 4711/g)).toHaveLength(3);
    expect(await run()).toMatchObject({ code: 0 });
  });

  it('stop everything, say so, and lift it', async () => {
    const stopped = await ordeal('emergency-stop', '--reason', 'agent mails customers');
    expect(stopped.stdout).toMatch(
      /live runs were stopped; no request of any starts any more\.\nIn force since .*: agent mails customers\n$/,
    );
    expect((await ordeal('emergency-stop')).stdout).toMatch(/^In force since/);
    expect((await ordeal('emergency-stop', '--lift')).stdout).toBe('Runs may start again. Those that were stopped stay stopped.\n');
    expect((await ordeal('emergency-stop')).stdout).toBe('No emergency stop is in force.\n');
  });
});

describe('the command lines of docs/limits.md', () => {
  it('give an organization a plan and limits of its own, and show what each quota stands at', async () => {
    expect(await setPlan('free')).toMatch(/^projects +5\nrunsPerMonth +100\nrunsPerDay +none\n/);
    expect(await setPlan('free', 'runsPerDay=20', 'projects=none')).toMatch(/^projects +none\nrunsPerMonth +100\nrunsPerDay +20\n/);
    const { stdout } = await ordeal('usage');
    expect(stdout).toMatch(/^Plan free; what comes in is kept for 7 days\.\n\nQUOTA +USED +LIMIT +BEGINS ANEW\n/);
    expect(stdout).toMatch(/\nprojects +1 +none +-\n/);
    expect(stdout).toMatch(/\nrunsPerDay +1 +20 +\d{4}-\d\d-\d\dT00:00:00\.000Z\n/);
    expect(stdout).toMatch(/\neventsPerRun +- +10,000 +-\n/);
    await expect(setPlan('free', 'runsPerDay=many')).rejects.toMatchObject({ code: 2 });
  });

  it('tell whoever is over a quota which, how much and until when, at once', async () => {
    await setPlan('free', 'runsPerDay=1');
    const project = await client.post('/api/projects', { name: 'Quota' });
    const target = await client.post(`/api/projects/${String(project.json['projectId'])}/targets`, {
      name: 'agent',
      definition: targetAt(engine.agent.url),
    });
    const over = await ordeal('run', '--target', String(target.json['targetId']), '--scripts', 'S1');
    expect(over.code).not.toBe(0);
    expect(over.stderr).toMatch(/allows 1 runs a day; 1 are in use\. There is room again from \d{4}-\d\d-\d\dT00:00:00\.000Z on\./);
    const { json } = await client.get('/api/runs?limit=1');
    const [last] = json['items'] as { runId: RunId }[];
    if (last !== undefined) await engine.ended(last.runId);
  });
});
