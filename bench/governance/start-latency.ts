/** `npm run bench:start-latency`: from asking the API to start a run to its first request at the target, while others run. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import type { RunId } from '../../domain/ids.ts';
import { createTarget, targetAt } from '../../test/harness/plan-run.ts';
import { postAsTenant, startBenchApi } from '../engine/bench-api.ts';
import { percentile, print, printFigure, printMachine, withBenchStack, type BenchStack } from '../engine/bench-stack.ts';
import { startOtherRuns } from './other-runs.ts';
import { printStages, stagesOf, type MeasuredStart, type StartStages } from './start-stages.ts';

const others = 20;
const starts = 40;
const barMs = 500;
/**
 * Of the agent: as a language model answers, so that the other runs ask 20 times a second together; and so fast that they
 * take all that two cores can do.
 */
const answersAfterMs = [2_000, 400];

printMachine();
for (const answerAfterMs of answersAfterMs) {
  await withBenchStack(answerAfterMs, async (stack) => {
    const api = await startBenchApi(stack);
    try {
      await measure(stack, api.url, answerAfterMs);
    } finally {
      api.process.kill('SIGTERM');
      await once(api.process, 'exit');
    }
  });
}

async function measure(stack: BenchStack, apiUrl: string, answerAfterMs: number): Promise<void> {
  await startOtherRuns(stack, others);
  const stages: StartStages[] = [];
  const tookMs: number[] = [];
  for (let start = 0; start < starts; start += 1) {
    const measured = await measureStart(stack, apiUrl, start);
    tookMs.push(measured.tookMs);
    await stopAgain(stack, apiUrl, measured);
    stages.push(await stagesOf(stack, measured));
  }
  printStages(stages);
  const [p95, median, worst] = [0.95, 0.5, 1].map((share) => percentile(tookMs, share));
  const name = `POST to first request beside ${others} runs whose agent takes ${answerAfterMs} ms, p95`;
  print(`${starts} starts: median ${median?.toFixed(0)} ms, worst ${worst?.toFixed(0)} ms`);
  printFigure({ name, value: p95 ?? Number.NaN, unit: 'ms', bar: `<= ${barMs} ms`, isMet: (p95 ?? Number.NaN) <= barMs });
}

async function measureStart(stack: BenchStack, apiUrl: string, start: number): Promise<MeasuredStart> {
  const definition = targetAt(`${stack.target.url}?start=${start}`);
  const targetId = await createTarget(stack.db.database, stack.tenant, definition);
  const askedAtMs = performance.now();
  const answer = await postAsTenant(stack, `${apiUrl}/api/projects/${stack.tenant.projectId}/runs`, { targetId, scripts: ['S1'] });
  const { runId } = (await answer.json()) as { readonly runId: RunId };
  const path = new URL(definition.url);
  for (;;) {
    const firstAtMs = stack.target.firstAskedMs.get(`${path.pathname}${path.search}`);
    if (firstAtMs !== undefined) return { runId, askedAtMs: performance.timeOrigin + askedAtMs, tookMs: firstAtMs - askedAtMs };
    await sleep(5);
  }
}

/** The next start is beside the others alone. */
async function stopAgain(stack: BenchStack, apiUrl: string, { runId }: MeasuredStart): Promise<void> {
  await postAsTenant(stack, `${apiUrl}/api/runs/${runId}/stop`, {});
  for (;;) {
    const [run] = await stack.db.query('select from runs where run_id = $1 and ended_at is not null', [runId]);
    if (run !== undefined) return;
    await sleep(20);
  }
}
