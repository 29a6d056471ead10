import { setTimeout as sleep } from 'node:timers/promises';

import type { RunId } from '../../domain/ids.ts';
import { createTarget, planRun, targetAt, testScripts } from '../../test/harness/plan-run.ts';
import type { BenchStack } from '../engine/bench-stack.ts';

/** Starts runs that have enough to do for as long as a measurement takes, and returns when all of them are at work. */
export async function startOtherRuns(stack: BenchStack, count: number): Promise<void> {
  const definition = targetAt(stack.target.url, { concurrency: 200 });
  const targetId = await createTarget(stack.db.database, stack.tenant, definition);
  const plan = { tenant: stack.tenant, targetId, definition, scripts: testScripts(400, 4), options: { concurrency: 2 } };
  const runIds: RunId[] = [];
  while (runIds.length < count) runIds.push(await planRun(stack.db.database, plan));
  const before = stack.target.requests;
  await Promise.all(runIds.map((runId) => stack.runs.start(stack.tenant.orgId, runId)));
  while (stack.target.requests - before < count * 4) await sleep(50);
}
