import { setTimeout as sleep } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { openChaosBench } from '../harness/chaos-bench.ts';
import { CrashPoints } from '../harness/crash-points.ts';
import { testScripts } from '../harness/plan-run.ts';
import { apiClient } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

it('a worker that stands still between its ledger rows and their first bytes sends nothing when it goes on after a stop', async (context) => {
  const bench = await openChaosBench(context, {});
  const crash = await CrashPoints.open(bench.db);
  context.onTestFinished(() => crash.close());
  const [worker, api] = await Promise.all([bench.startWorker(), bench.startApi()]);
  const runId = await bench.plan({ scripts: testScripts(4, 1), options: { concurrency: 2 } });
  await crash.place(runId, 'after the ledger row');
  await crash.shut(runId);
  await bench.runs.start(bench.tenant.orgId, runId);
  await waitUntil('two commits of ledger rows', async () => (await crash.held(runId)) === 2);
  worker.suspend();
  await crash.openGate(runId);
  const open = () => bench.db.query("select from attempts where run_id = $1 and state = 'open'", [runId]);
  await waitUntil('both ledger rows', async () => (await open()).length === 2);
  const stop = await apiClient(api.url, bench.tenant.apiKey).post(`/api/runs/${runId}/stop`);
  expect(stop.status).toBe(202);
  await sleep(1_000);
  worker.resume();
  expect(await bench.ended(runId)).toMatchObject({ status: 'stopped', outcomes: { not_run: 4 } });
  expect(bench.seen(runId)).toEqual([]);
  const attempts = await bench.db.query('select state, was_sent, failure from attempts where run_id = $1', [runId]);
  expect(attempts).toEqual(Array(2).fill({ state: 'failed', was_sent: false, failure: 'run_stopped' }));
  expect(await bench.check(runId)).toEqual([]);
});
