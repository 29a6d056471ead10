/** `npm run bench:decision-latency`: from a decision at the API to the request that waited for it at the target. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ApprovalId } from '../../domain/ids.ts';
import { setPolicy, strictPolicy } from '../../test/harness/approvals.ts';
import { createTarget, planRun, scriptsOf, stepBase, targetAt } from '../../test/harness/plan-run.ts';
import { postAsTenant, startBenchApi } from '../engine/bench-api.ts';
import { percentile, print, printFigure, printMachine, withBenchStack, type BenchStack } from '../engine/bench-stack.ts';
import { startOtherRuns } from './other-runs.ts';

const decisions = 100;
const others = 20;
const barMs = 300;
/** As a language model answers: the other runs ask 20 times a second together. */
const answerAfterMs = 2_000;

printMachine();
await withBenchStack(answerAfterMs, async (stack) => {
  const api = await startBenchApi(stack);
  try {
    await setPolicy(stack.db, stack.tenant, strictPolicy);
    await measure(stack, api.url, { name: 'alone', prefix: 'alone' });
    await startOtherRuns(stack, others);
    await measure(stack, api.url, { name: `beside ${others} runs`, prefix: 'beside' });
  } finally {
    api.process.kill('SIGTERM');
    await once(api.process, 'exit');
  }
});

interface Measurement {
  readonly name: string;
  /** Of the paths that are asked for. */
  readonly prefix: string;
}

/** One run, every step of which waits: its requests are approved one after the other. */
async function measure(stack: BenchStack, apiUrl: string, { name, prefix }: Measurement): Promise<void> {
  const waiting = await waitingRequests(stack, prefix);
  const tookMs: number[] = [];
  for (const { approvalId, path } of waiting) {
    const decidedAtMs = performance.now();
    await postAsTenant(stack, `${apiUrl}/api/approvals/${approvalId}/decisions`, { verdict: 'approve' });
    while (!stack.target.firstAskedMs.has(path)) await sleep(2);
    tookMs.push((stack.target.firstAskedMs.get(path) ?? Number.NaN) - decidedAtMs);
  }
  print(
    `${tookMs.length} decisions ${name}: median ${percentile(tookMs, 0.5).toFixed(0)} ms, worst ${percentile(tookMs, 1).toFixed(0)} ms`,
  );
  const p95 = percentile(tookMs, 0.95);
  printFigure({ name: `decision to next request, ${name}, p95`, value: p95, unit: 'ms', bar: `<= ${barMs} ms`, isMet: p95 <= barMs });
}

async function waitingRequests(stack: BenchStack, prefix: string): Promise<readonly { approvalId: ApprovalId; path: string }[]> {
  const { db, tenant, runs, target } = stack;
  // No decision waits for a place: those of the requests before it are still taken.
  const definition = targetAt(target.url, { concurrency: 200 });
  const targetId = await createTarget(db.database, tenant, definition);
  const steps = Array.from({ length: decisions }, (_, index) => ({
    ...stepBase(`${prefix}-${index}`),
    kind: 'http_request' as const,
    method: 'POST' as const,
    path: `/${prefix}-${index}`,
  }));
  const runId = await planRun(db.database, {
    tenant,
    targetId,
    definition,
    scripts: scriptsOf(...steps),
    options: { concurrency: decisions },
  });
  await runs.start(tenant.orgId, runId);
  for (;;) {
    const rows = await db.query<{ approvalId: ApprovalId; stepId: string }>(
      `select approval_id as "approvalId", step_id as "stepId" from approvals where run_id = $1 and status = 'pending'`,
      [runId],
    );
    if (rows.length === decisions) return rows.map(({ approvalId, stepId }) => ({ approvalId, path: `/${stepId}` }));
    await sleep(50);
  }
}
