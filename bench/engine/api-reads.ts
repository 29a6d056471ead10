import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { createTarget, planRun, targetAt, testScripts } from '../../test/harness/plan-run.ts';
import { startBenchApi } from './bench-api.ts';
import { print, printFigure, printMachine, untilCompleted, withBenchStack, type BenchStack } from './bench-stack.ts';

/** Latency of the API's reads while 10 runs are in flight, and without any, in the same run. */
const runsInFlight = 10;
const readsAtOnce = 4;
const reads = 600;

printMachine();
await withBenchStack(100, async (stack) => {
  const api = await startBenchApi(stack);
  try {
    const definition = targetAt(stack.target.url, { concurrency: 40 });
    const targetId = await createTarget(stack.db.database, stack.tenant, definition);
    const plan = { tenant: stack.tenant, targetId, definition, scripts: testScripts(60, 5), options: { concurrency: 4 } };
    const [quietRun] = await startRuns(stack, plan, 1);
    await untilCompleted(stack, [quietRun ?? '']);
    const quiet = await measure(api.url, stack.tenant.apiKey, quietRun ?? '');
    const runIds = await startRuns(stack, plan, runsInFlight);
    await sleep(1_000);
    const busy = await measure(api.url, stack.tenant.apiKey, runIds[0] ?? '');
    await untilCompleted(stack, runIds);
    print(`p95 of reads: ${quiet.toFixed(1)} ms with no run in flight, ${busy.toFixed(1)} ms with ${runsInFlight}`);
    printFigure({ name: `p95 of reads with ${runsInFlight} runs in flight`, value: busy, unit: 'ms', bar: '< 320 ms', isMet: busy < 320 });
  } finally {
    api.process.kill('SIGTERM');
    await once(api.process, 'exit');
  }
});

async function startRuns(stack: BenchStack, plan: Parameters<typeof planRun>[1], count: number) {
  const runIds = await Promise.all(Array.from({ length: count }, () => planRun(stack.db.database, plan)));
  await Promise.all(runIds.map((runId) => stack.runs.start(stack.tenant.orgId, runId)));
  return runIds;
}

/** Reads every kind of view in turn; returns the 95th percentile in milliseconds. */
async function measure(url: string, apiKey: string, runId: string): Promise<number> {
  const views = [
    '/api/runs',
    `/api/runs/${runId}`,
    `/api/runs/${runId}/progress`,
    `/api/runs/${runId}/probes`,
    `/api/runs/${runId}/findings`,
  ];
  const timesMs: number[] = [];
  const reader = async () => {
    while (timesMs.length < reads) {
      const view = views[timesMs.length % views.length] ?? '';
      const startedAtMs = performance.now();
      const response = await fetch(`${url}${view}`, { headers: { authorization: `Bearer ${apiKey}` } });
      await response.text();
      if (!response.ok) throw new Error(`${view} answered ${response.status}`);
      timesMs.push(performance.now() - startedAtMs);
    }
  };
  await Promise.all(Array.from({ length: readsAtOnce }, reader));
  return timesMs.toSorted((a, b) => a - b)[Math.floor(timesMs.length * 0.95)] ?? Number.NaN;
}
