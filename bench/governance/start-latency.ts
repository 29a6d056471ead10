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
/** Of the agent: the other runs are at work all the time, and do not use up the machine. */
const answerAfterMs = 400;

printMachine();
await withBenchStack(answerAfterMs, async (stack) => {
  const api = await startBenchApi(stack);
  try {
    await startOtherRuns(stack, others);
    const stages: StartStages[] = [];
    const tookMs: number[] = [];
    for (let start = 0; start < starts; start += 1) {
      const measured = await measureStart(stack, api.url, start);
      tookMs.push(measured.tookMs);
      await stopAgain(stack, api.url, measured);
      stages.push(await stagesOf(stack, measured));
    }
    printStages(stages);
    const p95 = percentile(tookMs, 0.95);
    print(
      `${starts} starts beside ${others} runs: median ${percentile(tookMs, 0.5).toFixed(0)} ms, worst ${percentile(tookMs, 1).toFixed(0)} ms`,
    );
    printFigure({ name: 'POST to first request, p95', value: p95, unit: 'ms', bar: `<= ${barMs} ms`, isMet: p95 <= barMs });
  } finally {
    api.process.kill('SIGTERM');
    await once(api.process, 'exit');
  }
});

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
