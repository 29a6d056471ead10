import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { createTarget, planRun, targetAt, testScripts } from '../../test/harness/plan-run.ts';
import { print, printFigure, printMachine, untilCompleted, withBenchStack, type BenchStack } from './bench-stack.ts';

/** Steps a second with a 5 ms target: whole steps of Ordeal against bare Temporal activities, same server, same lanes. */
const steps = 1_000;
const lanes = 20;
const rounds = 3;

printMachine();
await withBenchStack(5, async (stack) => {
  const bare = await startBareWorker(stack);
  try {
    await runOrdeal(stack, 200);
    await runBare(stack, 200);
    const ratios: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const bareRate = await runBare(stack, steps);
      const ordealRate = await runOrdeal(stack, steps);
      ratios.push(ordealRate / bareRate);
      print(`round ${round}: Ordeal ${ordealRate.toFixed(0)} steps/s, bare activities ${bareRate.toFixed(0)} steps/s`);
    }
    const ratio = ratios.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
    printFigure({ name: 'steps/s against bare activities (median)', value: ratio, unit: 'x', bar: '>= 0.5', isMet: ratio >= 0.5 });
    const rows = await stack.db.query<{ probes: number; attempts: number; feed: number }>(
      'select (select count(*)::int from probes) as probes, (select count(*)::int from attempts) as attempts, (select count(*)::int from run_feed) as feed',
    );
    print(`rows written by Ordeal meanwhile: ${JSON.stringify(rows[0])}`);
  } finally {
    bare.kill('SIGTERM');
    await once(bare, 'exit');
  }
});

async function startBareWorker(stack: BenchStack) {
  const bare = spawn(process.execPath, ['bench/engine/bare/worker.ts'], { env: stack.environment, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const chunk of bare.stdout) {
    if (String(chunk).includes('worker is ready')) break;
  }
  bare.stdout.resume();
  return bare;
}

async function runBare(stack: BenchStack, count: number): Promise<number> {
  const startedAtMs = performance.now();
  const workflowId = `bare-${count}-${startedAtMs}`;
  const args = [{ steps: count, lanes, url: stack.target.url }];
  await stack.temporal.call((client) => client.workflow.execute('bareWorkflow', { taskQueue: 'bare', workflowId, args }), 120_000);
  return (count * 1_000) / (performance.now() - startedAtMs);
}

async function runOrdeal(stack: BenchStack, count: number): Promise<number> {
  const definition = targetAt(stack.target.url, { concurrency: lanes });
  const targetId = await createTarget(stack.db.database, stack.tenant, definition);
  const plan = { tenant: stack.tenant, targetId, definition, scripts: testScripts(count / 5, 5), options: { concurrency: lanes } };
  const runId = await planRun(stack.db.database, plan);
  const startedAtMs = performance.now();
  await stack.runs.start(stack.tenant.orgId, runId);
  await untilCompleted(stack, [runId]);
  return (count * 1_000) / (performance.now() - startedAtMs);
}
