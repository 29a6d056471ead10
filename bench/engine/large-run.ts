import { setTimeout as sleep } from 'node:timers/promises';

import { createTarget, planRun, targetAt, testScripts } from '../../test/harness/plan-run.ts';
import { print, printFigure, printMachine, untilCompleted, withBenchStack } from './bench-stack.ts';

/** One run of 10,000 steps: cost per step at its beginning and at its end, and the memory of the worker. */
const steps = 10_000;
const lanes = 20;

printMachine();
await withBenchStack(5, async (stack) => {
  const definition = targetAt(stack.target.url, { concurrency: lanes });
  const targetId = await createTarget(stack.db.database, stack.tenant, definition);
  const options = { concurrency: lanes };
  const runId = await planRun(stack.db.database, {
    tenant: stack.tenant,
    targetId,
    definition,
    scripts: testScripts(steps / 5, 5),
    options,
  });
  const marks: { atMs: number; done: number; rssMib: number }[] = [];
  await stack.runs.start(stack.tenant.orgId, runId);
  const completed = untilCompleted(stack, [runId]);
  let isOver = false;
  const watching = completed.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    marks.push({ atMs: performance.now(), done: stack.target.requests, rssMib: await stack.workerRssMib() });
    await sleep(250);
  }
  await watching;
  const rate = (from: number, to: number) => {
    const first = marks.find((mark) => mark.done >= from);
    const last = marks.find((mark) => mark.done >= to) ?? marks.at(-1);
    return first === undefined || last === undefined ? Number.NaN : ((last.done - first.done) * 1_000) / (last.atMs - first.atMs);
  };
  const early = rate(500, 2_500);
  const late = rate(7_500, 9_500);
  print(`steps/s: ${early.toFixed(0)} in steps 500 to 2,500, ${late.toFixed(0)} in steps 7,500 to 9,500`);
  print(
    `worker RSS: ${Math.min(...marks.map((mark) => mark.rssMib)).toFixed(0)} MiB at the least, ${Math.max(...marks.map((mark) => mark.rssMib)).toFixed(0)} MiB at the most`,
  );
  printFigure({
    name: 'cost of a late step against an early one',
    value: early / late,
    unit: 'x',
    bar: '<= 1.25',
    isMet: early / late <= 1.25,
  });
});
