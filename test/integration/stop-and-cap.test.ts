import { describe, expect, it } from 'vitest';

import { requestStop } from '../../db/runs/request-stop.ts';
import { withOrg } from '../../db/with-org.ts';
import type { RunId } from '../../domain/ids.ts';
import { testScripts } from '../harness/plan-run.ts';
import { useEngine } from '../harness/engine.ts';
import { watchStalls } from '../harness/stalls.ts';
import { waitUntil } from '../harness/wait-until.ts';

const engine = useEngine();

function stop(runId: RunId) {
  return withOrg(engine.db.database, engine.tenant.orgId, (tx) =>
    requestStop(tx, { orgId: engine.tenant.orgId, runId, requestedBy: 'key_test' }),
  );
}

describe('a stop', () => {
  it('lets no request start later than 1 s after it is acknowledged and aborts those in flight within 5 s', async () => {
    const stalls = watchStalls();
    let worstStartMs = Number.NEGATIVE_INFINITY;
    let worstAbortMs = 0;
    for (let trial = 0; trial < 100; trial += 1) {
      const { startMs, abortMs } = await stopInMidRun(trial, stalls);
      worstStartMs = Math.max(worstStartMs, startMs);
      worstAbortMs = Math.max(worstAbortMs, abortMs);
    }
    stalls.stop();
    expect(worstStartMs).toBeLessThan(1_000);
    expect(worstAbortMs).toBeLessThan(5_000);
  }, 300_000);

  it('before the start of the workflow runs nothing', async () => {
    const runId = await engine.plan({ scripts: testScripts(3, 1) });
    expect(await stop(runId)).toBe('stopping');
    await engine.worker.runs.start(engine.tenant.orgId, runId);
    expect(await engine.ended(runId)).toMatchObject({ status: 'stopped', outcomes: { not_run: 3 } });
    expect(engine.agent.seen).toHaveLength(0);
  });

  it('twice is the same as once, and after the end changes nothing', async () => {
    const runId = await engine.start({ scripts: testScripts(4, 1), answer: () => ({ delayMs: 8_000 }) });
    await waitUntil('a request', async () => engine.agent.seen.length > 0);
    expect([await stop(runId), await stop(runId)]).toEqual(['stopping', 'already_stopping']);
    await Promise.all([engine.worker.runs.signalStop(runId, 'a'), engine.worker.runs.signalStop(runId, 'b')]);
    const first = await engine.ended(runId);
    expect(first.status).toBe('stopped');
    await waitUntil('the end of the workflow', async () => (await engine.worker.runs.state(runId)) === 'closed');
    expect(await stop(runId)).toBe('already_ended');
    expect(await engine.worker.runs.signalStop(runId, 'c')).toBe('gone');
    expect(await engine.ended(runId)).toEqual(first);
  });

  it('by a signal straight to the workflow shuts the ledger as well', async () => {
    const runId = await engine.start({ scripts: testScripts(30, 1), answer: () => ({ delayMs: 1_000 }) });
    await waitUntil('a request', async () => engine.agent.seen.length > 3);
    await engine.worker.runs.signalStop(runId, 'an operator');
    const run = await engine.ended(runId);
    expect(run).toMatchObject({ status: 'stopped', reason: 'Stopped on request of an operator.' });
    const count = engine.agent.seen.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(engine.agent.seen).toHaveLength(count);
  });

  it('by cancelling the workflow in the Temporal Web UI ends the run like a stop', async () => {
    const runId = await engine.start({ scripts: testScripts(30, 1), answer: () => ({ delayMs: 1_000 }) });
    await waitUntil('a request', async () => engine.agent.seen.length > 3);
    await engine.worker.temporal.call((client) => client.workflow.getHandle(`run/${runId}`).cancel());
    expect(await engine.ended(runId)).toMatchObject({ status: 'stopped' });
  });
});

describe('the duration cap', () => {
  it('ends the run as stopped_quota and keeps the results', async () => {
    const run = await engine.run({
      scripts: testScripts(100, 1),
      options: { maxDurationMinutes: 0.1, concurrency: 2 },
      answer: () => ({ delayMs: 300 }),
    });
    expect(run.status).toBe('stopped_quota');
    expect(run.reason).toContain('duration cap');
    expect(run.outcomes['resisted']).toBeGreaterThan(0);
    expect(run.outcomes['not_run']).toBeGreaterThan(0);
  });
});

/** Stops a run at a random moment. Times in milliseconds after the acknowledgement, in which this process was running. */
async function stopInMidRun(trial: number, stalls: ReturnType<typeof watchStalls>): Promise<{ startMs: number; abortMs: number }> {
  const runId = await engine.start({
    scripts: testScripts(12, 2),
    options: { concurrency: 6 },
    target: { concurrency: 6 },
    answer: () => ({ delayMs: 60 }),
  });
  await new Promise((resolve) => setTimeout(resolve, (trial * 37) % 250));
  await stop(runId);
  const acknowledgedAtMs = Date.now();
  const lostBeforeMs = stalls.lostMs;
  await Promise.all([engine.worker.runs.signalStop(runId, 'test'), engine.ended(runId)]);
  const fromMs = acknowledgedAtMs + stalls.lostMs - lostBeforeMs;
  const startMs = Math.max(...engine.agent.seen.map(({ atMs }) => atMs - fromMs), Number.NEGATIVE_INFINITY);
  const abortMs = Math.max(...engine.agent.seen.map(({ abortedAtMs }) => (abortedAtMs ?? fromMs) - fromMs), 0);
  return { startMs, abortMs };
}
