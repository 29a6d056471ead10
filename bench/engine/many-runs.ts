import { createTarget, planRun, targetAt, testScripts } from '../../test/harness/plan-run.ts';
import { print, printMachine, untilCompleted, withBenchStack } from './bench-stack.ts';

/** How many runs of 16 steps a minute, with 50 of them at once; a figure to publish, without a bar. */
const runs = 50;
const rounds = 3;

printMachine();
await withBenchStack(5, async (stack) => {
  const definition = targetAt(stack.target.url, { concurrency: 200 });
  const targetId = await createTarget(stack.db.database, stack.tenant, definition);
  const plan = { tenant: stack.tenant, targetId, definition, scripts: testScripts(4, 4) };
  for (let round = 1; round <= rounds; round += 1) {
    const runIds = await Promise.all(Array.from({ length: runs }, () => planRun(stack.db.database, plan)));
    const startedAtMs = performance.now();
    await Promise.all(runIds.map((runId) => stack.runs.start(stack.tenant.orgId, runId)));
    await untilCompleted(stack, runIds);
    const tookMs = performance.now() - startedAtMs;
    print(`round ${round}: ${((runs * 60_000) / tookMs).toFixed(0)} runs/min, ${((runs * 16_000) / tookMs).toFixed(0)} steps/s`);
  }
});
