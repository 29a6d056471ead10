import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startCli } from '../harness/cli-process.ts';
import { inOrder, isCleanup, messyStep } from '../harness/cleanups.ts';
import { useEngine, type Engine } from '../harness/engine.ts';
import { createTenant } from '../harness/plan-run.ts';
import { apiClient, startTestApi, type ApiClient, type TestApi } from '../harness/test-api.ts';

const engine = useEngine();
let api: TestApi;
let client: ApiClient;
let run: Awaited<ReturnType<Engine['run']>>;

beforeAll(async () => {
  const { db, worker, agent } = engine;
  api = await startTestApi({ database: db.database, taskQueue: worker.taskQueue, allowPorts: [agent.port] });
  client = apiClient(api.url, engine.tenant.apiKey);
  run = await engine.run({
    scripts: inOrder(messyStep('A'), messyStep('B', {}, { method: 'POST', body: { note: 'of B' } }), messyStep('C')),
    options: { concurrency: 1 },
    answer: (request) => (isCleanup(request) && request.path.endsWith('B') ? { status: 403 } : {}),
  });
});
afterAll(() => api.close());

const ordeal = (...args: readonly string[]) => startCli(args, { ORDEAL_URL: api.url, ORDEAL_API_KEY: engine.tenant.apiKey }).ended;

interface CleanupView {
  readonly stepId: string;
  readonly orderNo: number;
  readonly state: string;
  readonly attempts: readonly unknown[];
}

describe('what a run has cleaned up', () => {
  it('is listed page by page, the last step first, each with its ledger', async () => {
    const listed: CleanupView[] = [];
    let cursor = '';
    do {
      const page = (await client.get(`/api/runs/${run.runId}/cleanups?limit=1${cursor}`)).json;
      listed.push(...(page['items'] as CleanupView[]));
      cursor = page['nextCursor'] === null ? '' : `&cursor=${page['nextCursor'] as string}`;
    } while (cursor !== '');
    expect(listed).toMatchObject([
      { stepId: 'C', orderNo: 1, state: 'cleaned', method: 'DELETE', attempts: [{ attemptNo: 1, state: 'answered', status: 200 }] },
      { stepId: 'B', orderNo: 2, state: 'failed', method: 'POST', body: '{"note":"of B"}', attempts: [{ attemptNo: 1, status: 403 }] },
      { stepId: 'A', orderNo: 3, state: 'cleaned' },
    ]);
  });

  it('is in the report and in the run, and takes nothing from its verdicts', async () => {
    const [report, view] = await Promise.all([
      client.get(`/api/runs/${run.runId}/report?format=json`),
      client.get(`/api/runs/${run.runId}`),
    ]);
    expect(report.json['cleanup']).toMatchObject({ counts: { cleaned: 2, failed: 1 }, notCleaned: [{ stepId: 'B', state: 'failed' }] });
    expect(view.json).toMatchObject({ status: 'completed', cleanup: { cleaned: 2, failed: 1, pending: 0 } });
  });

  it('is told on the command line, with the request by which a person can do what is left', async () => {
    const [list, status, markdown] = await Promise.all([
      ordeal('runs', 'cleanups', run.runId),
      ordeal('status', run.runId),
      ordeal('report', run.runId, '--format', 'markdown'),
    ]);
    expect(list.stdout).toMatch(/^1 +C .*\n2 +B +NOT cleaned up +1 +POST http.*\/left\/B .+\n3 +A /m);
    expect([status.code, status.stdout]).toEqual([0, expect.stringMatching(/2 cleaned up, 1 NOT cleaned up \(ordeal runs cleanups run_/)]);
    expect(markdown.stdout).toMatch(/1 of 3 cleanups could not be done[^]*\/left\/B/);
  });

  it('counts towards what the organization has stored', async () => {
    const [row] = await engine.db.query<{ bytes: string; ofCleanups: string }>(
      `select bytes, (select sum(octet_length(coalesce(request_body, '')) + octet_length(coalesce(response_body, ''))) from cleanup_attempts c
         where c.run_id = u.run_id) as "ofCleanups" from run_usage u where run_id = $1`,
      [run.runId],
    );
    const [steps] = await engine.db.query<{ bytes: string }>(
      `select sum(coalesce(octet_length(request_body), 0) + coalesce(octet_length(prompt), 0) + coalesce(octet_length(response_body), 0)
         + coalesce(octet_length(answer_text), 0)) as bytes from attempts where run_id = $1`,
      [run.runId],
    );
    expect(Number(row?.ofCleanups)).toBeGreaterThan(0);
    expect(Number(row?.bytes)).toBe(Number(steps?.bytes) + Number(row?.ofCleanups));
  });

  it('is not there for another organization', async () => {
    const other = await createTenant(engine.db.database);
    expect((await apiClient(api.url, other.apiKey).get(`/api/runs/${run.runId}/cleanups`)).status).toBe(404);
  });
});
