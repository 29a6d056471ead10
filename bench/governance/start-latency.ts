/** `npm run bench:start-latency`: from asking the API to start a run to its first request at the target, while others run. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { createTarget, planRun, targetAt, testScripts } from '../../test/harness/plan-run.ts';
import { startBenchApi } from '../engine/bench-api.ts';
import { print, printFigure, printMachine, withBenchStack, type BenchStack } from '../engine/bench-stack.ts';

const others = 20;
const starts = 40;
const barMs = 500;
/** Of the agent: the other runs are at work all the time, and do not use up the machine. */
const answerAfterMs = 400;

printMachine();
await withBenchStack(answerAfterMs, async (stack) => {
  const api = await startBenchApi(stack);
  try {
    await startOthers(stack);
    const tookMs: number[] = [];
    for (let start = 0; start < starts; start += 1) tookMs.push(await measureStart(stack, api.url, start));
    tookMs.sort((a, b) => a - b);
    const at = (share: number): number => tookMs[Math.ceil(starts * share) - 1] ?? Number.NaN;
    print(`${starts} starts beside ${others} runs: median ${at(0.5).toFixed(0)} ms, worst ${at(1).toFixed(0)} ms`);
    printFigure({ name: 'POST to first request, p95', value: at(0.95), unit: 'ms', bar: `<= ${barMs} ms`, isMet: at(0.95) <= barMs });
  } finally {
    api.process.kill('SIGTERM');
    await once(api.process, 'exit');
  }
});

/** Runs that have enough to do for as long as the measurement takes. */
async function startOthers(stack: BenchStack): Promise<void> {
  const definition = targetAt(stack.target.url, { concurrency: 200 });
  const targetId = await createTarget(stack.db.database, stack.tenant, definition);
  const plan = { tenant: stack.tenant, targetId, definition, scripts: testScripts(400, 4), options: { concurrency: 2 } };
  const runIds = await Promise.all(Array.from({ length: others }, () => planRun(stack.db.database, plan)));
  await Promise.all(runIds.map((runId) => stack.runs.start(stack.tenant.orgId, runId)));
  while (stack.target.requests < others * 4) await sleep(50);
}

async function measureStart(stack: BenchStack, apiUrl: string, start: number): Promise<number> {
  const definition = targetAt(`${stack.target.url}?start=${start}`);
  const targetId = await createTarget(stack.db.database, stack.tenant, definition);
  const headers = {
    authorization: `Bearer ${stack.tenant.apiKey}`,
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
  };
  const body = JSON.stringify({ targetId, scripts: ['S1'] });
  const askedAtMs = performance.now();
  const answer = await fetch(`${apiUrl}/api/projects/${stack.tenant.projectId}/runs`, { method: 'POST', headers, body });
  if (answer.status !== 202) throw new Error(`The run was not started: ${answer.status} ${await answer.text()}`);
  const path = new URL(definition.url);
  for (;;) {
    const firstAtMs = stack.target.firstAskedMs.get(`${path.pathname}${path.search}`);
    if (firstAtMs !== undefined) return firstAtMs - askedAtMs;
    await sleep(5);
  }
}
