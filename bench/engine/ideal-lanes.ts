import { createTarget, planRun, targetAt, testScripts } from '../../test/harness/plan-run.ts';
import { print, printFigure, printMachine, untilCompleted, withBenchStack } from './bench-stack.ts';

/** 1,000 steps at 200 ms with 20 lanes, against the time that 20 lanes need at the least. */
const steps = 1_000;
const delayMs = 200;
const lanes = 20;
const idealMs = (steps * delayMs) / lanes;

printMachine();
await withBenchStack(delayMs, async (stack) => {
  const definition = targetAt(stack.target.url, { concurrency: lanes });
  const targetId = await createTarget(stack.db.database, stack.tenant, definition);
  const start = async (scripts: number) => {
    const plan = { tenant: stack.tenant, targetId, definition, scripts: testScripts(scripts, 5), options: { concurrency: lanes } };
    const runId = await planRun(stack.db.database, plan);
    const startedAtMs = performance.now();
    await stack.runs.start(stack.tenant.orgId, runId);
    await untilCompleted(stack, [runId]);
    return performance.now() - startedAtMs;
  };
  await start(20);
  const tookMs = await start(steps / 5);
  print(`${steps} steps at ${delayMs} ms, ${lanes} lanes: ${(tookMs / 1_000).toFixed(2)} s; ideal ${(idealMs / 1_000).toFixed(2)} s`);
  printFigure({ name: 'time against ideal', value: tookMs / idealMs, unit: 'x', bar: '<= 1.10', isMet: tookMs / idealMs <= 1.1 });
});
