import { afterAll, describe, expect, it } from 'vitest';

import { adjustRun } from '../../db/runs/adjust-run.ts';
import { pauseRun, resumeRun } from '../../db/runs/pause-run.ts';
import { withOrg } from '../../db/with-org.ts';
import { runWorkflowId, type RunId } from '../../domain/ids.ts';
import type { RunAdjustment } from '../../domain/run-options.ts';
import { adjustRunUpdate, pauseSignal, resumeSignal, stopSignal } from '../../workflows/run-messages.ts';
import { useEngine, type Answer } from '../harness/engine.ts';
import { testScripts } from '../harness/plan-run.ts';
import { watchStalls } from '../harness/stalls.ts';
import { waitUntil } from '../harness/wait-until.ts';

const engine = useEngine();
const stalls = watchStalls();
afterAll(() => stalls.stop());

interface ControlRow {
  readonly status: string;
  readonly paused_at: Date | null;
  readonly paused_ms: string;
  readonly deadline_at: Date;
}

async function row(runId: RunId): Promise<ControlRow> {
  const [found] = await engine.db.query<ControlRow>('select status, paused_at, paused_ms, deadline_at from runs where run_id = $1', [
    runId,
  ]);
  if (found === undefined) throw new Error(`no run ${runId}`);
  return found;
}

const asked = (runId: RunId) => ({ orgId: engine.tenant.orgId, runId, requestedBy: 'key_test' });

function inOrg<Result>(work: Parameters<typeof withOrg<Result>>[2]): Promise<Result> {
  return withOrg(engine.db.database, engine.tenant.orgId, work);
}

async function pause(runId: RunId): Promise<void> {
  expect(await inOrg((tx) => pauseRun(tx, asked(runId)))).toBe('paused');
  await engine.worker.runs.signalControlChanged(runId);
}

async function resume(runId: RunId): Promise<void> {
  expect(await inOrg((tx) => resumeRun(tx, asked(runId)))).toBe('resumed');
  await engine.worker.runs.signalControlChanged(runId);
}

async function adjust(runId: RunId, adjustment: RunAdjustment): Promise<void> {
  expect(await inOrg((tx) => adjustRun(tx, { ...asked(runId), adjustment }))).toBe('adjusted');
  await engine.worker.runs.signalControlChanged(runId);
}

/** Waits for as long as a change may take to be in force: a second in which this process runs, and the worker in it. Tells when that was over. */
async function inForce(): Promise<number> {
  const changedAtMs = performance.now();
  const lostBeforeMs = stalls.lostMs;
  await waitUntil('the second after a change', async () => performance.now() - changedAtMs >= 1_000 + stalls.lostMs - lostBeforeMs);
  return Date.now();
}

/** Answers the first request when it is told to, so that the run cannot end before that; and the others after some time. */
function holdFirst(delayMs = 100) {
  const released = Promise.withResolvers<void>();
  const answer: Answer = async (_request, number) => {
    if (number === 1) await released.promise;
    return { delayMs };
  };
  return { answer, release: () => released.resolve(), target: { timeoutMs: 60_000 } };
}

const seen = (count: number) => waitUntil(`${count} requests`, async () => engine.agent.seen.length >= count);
const elapsed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const workflowOf = (runId: RunId) => engine.worker.temporal.call(async (client) => client.workflow.getHandle(runWorkflowId(runId)));

describe('a pause', () => {
  it('lets no request start within 1 s, lets those in flight end, and is over when the run is resumed', async () => {
    const runId = await engine.start({ scripts: testScripts(60, 1), answer: () => ({ delayMs: 400 }) });
    await seen(6);
    await pause(runId);
    const inForceAtMs = await inForce();
    await waitUntil('the end of what was in flight', async () => engine.agent.seen.every(({ answeredAtMs }) => answeredAtMs !== undefined));
    await elapsed(1_500);
    expect(engine.agent.seen.filter(({ atMs }) => atMs > inForceAtMs)).toEqual([]);
    expect(engine.agent.seen.filter(({ abortedAtMs }) => abortedAtMs !== undefined)).toEqual([]);
    await waitUntil('the workflow knows', async () => (await engine.worker.runs.progress(runId)).status === 'paused');
    const count = engine.agent.seen.length;
    await waitUntil('the verdicts on what was in flight', async () => (await engine.outcomes(runId))['resisted'] === count);
    await resume(runId);
    await seen(count + 1);
    const ended = await engine.ended(runId);
    expect([ended.status, ended.outcomes]).toEqual(['completed', { resisted: 60 }]);
    expect(engine.agent.seen).toHaveLength(60);
  });

  it('does not count towards the duration cap: the deadline is later by as long as it was', async () => {
    const runId = await engine.start({
      scripts: testScripts(5, 1),
      options: { maxDurationMinutes: 0.15, concurrency: 1 },
      answer: () => ({ delayMs: 100 }),
    });
    await seen(1);
    const before = await row(runId);
    await pause(runId);
    await elapsed(9_500);
    expect((await row(runId)).status).toBe('paused');
    await resume(runId);
    const after = await row(runId);
    expect(Number(after.paused_ms)).toBeGreaterThanOrEqual(9_500);
    expect(after.deadline_at.getTime() - before.deadline_at.getTime()).toBeCloseTo(Number(after.paused_ms), -1);
    expect(await engine.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 5 } });
  });

  it('is bounded itself: the run ends with that reason, and keeps its results', async () => {
    const runId = await engine.start({
      scripts: testScripts(60, 1),
      options: { maxPausedMinutes: 0.05, concurrency: 1 },
      answer: () => ({ delayMs: 100 }),
    });
    await seen(2);
    await pause(runId);
    const ended = await engine.ended(runId);
    expect(ended).toMatchObject({ status: 'stopped_quota', reason: expect.stringContaining('0.05 minutes in pauses') as string });
    expect(ended.outcomes['resisted']).toBeGreaterThanOrEqual(1);
    expect(ended.outcomes['not_run']).toBeGreaterThanOrEqual(1);
  });

  it('comes and goes by signals straight to the workflow, and is audited', async () => {
    const { release, ...held } = holdFirst();
    const runId = await engine.start({ scripts: testScripts(20, 1), ...held });
    await seen(3);
    const workflow = await workflowOf(runId);
    await workflow.signal(pauseSignal, { by: 'an operator' });
    await waitUntil('the pause', async () => (await row(runId)).status === 'paused');
    await workflow.signal(resumeSignal);
    release();
    expect(await engine.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 20 } });
    const audit = await engine.db.query('select action, actor from audit_logs where object_id = $1 order by audit_id', [runId]);
    expect(audit).toEqual([
      { action: 'run.pause', actor: 'workflow_message' },
      { action: 'run.resume', actor: 'workflow_message' },
    ]);
  });

  it('of a run that has not begun holds from its first request on', async () => {
    const runId = await engine.plan({ scripts: testScripts(3, 1) });
    expect(await inOrg((tx) => pauseRun(tx, asked(runId)))).toBe('paused');
    await engine.worker.runs.start(engine.tenant.orgId, runId);
    await waitUntil('the pause', async () => (await row(runId)).status === 'paused');
    expect(engine.agent.seen).toHaveLength(0);
    await resume(runId);
    expect(await engine.ended(runId)).toMatchObject({ status: 'completed' });
  });

  it('reaches the run although its signal was lost', async () => {
    const { release, ...held } = holdFirst();
    const runId = await engine.start({ scripts: testScripts(20, 1), options: { concurrency: 1 }, ...held });
    await seen(1);
    expect(await inOrg((tx) => pauseRun(tx, asked(runId)))).toBe('paused');
    release();
    await waitUntil('the workflow knows', async () => (await engine.worker.runs.progress(runId)).status === 'paused');
    await resume(runId);
    expect(await engine.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 20 } });
  });

  it('survives a storm of signals with few activities', async () => {
    const { release, ...held } = holdFirst(200);
    const runId = await engine.start({ scripts: testScripts(8, 1), ...held });
    await seen(1);
    const workflow = await workflowOf(runId);
    await Promise.all(Array.from({ length: 300 }, (_, index) => workflow.signal(index % 2 === 0 ? pauseSignal : resumeSignal)));
    await workflow.signal(resumeSignal);
    release();
    expect(await engine.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 8 } });
    const { historyLength } = await workflow.describe();
    expect(historyLength).toBeLessThan(2_000);
    const [changes] = await engine.db.query<{ n: number }>('select control_version as n from runs where run_id = $1', [runId]);
    expect(changes?.n).toBeLessThan(250);
  });
});

describe('the same signal a hundred times', () => {
  const audited = async (runId: RunId) =>
    (await engine.db.query<{ action: string }>('select action from audit_logs where object_id = $1 order by audit_id', [runId])).map(
      ({ action }) => action,
    );
  const told = async (runId: RunId, type: string) =>
    (await engine.db.query('select from run_feed where run_id = $1 and type = $2', [runId, type])).length;

  it('pauses once and resumes once', async () => {
    const { release, ...held } = holdFirst();
    const runId = await engine.start({ scripts: testScripts(20, 1), ...held });
    await seen(3);
    const workflow = await workflowOf(runId);
    await Promise.all(Array.from({ length: 100 }, () => workflow.signal(pauseSignal, { by: 'an operator' })));
    await waitUntil('the pause', async () => (await row(runId)).status === 'paused');
    const { paused_at: pausedAt } = await row(runId);
    await workflow.signal(pauseSignal, { by: 'an operator' });
    expect((await row(runId)).paused_at).toEqual(pausedAt);
    await Promise.all(Array.from({ length: 100 }, () => workflow.signal(resumeSignal)));
    release();
    expect(await engine.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 20 } });
    expect(await audited(runId)).toEqual(['run.pause', 'run.resume']);
    expect([await told(runId, 'run_paused'), await told(runId, 'run_resumed')]).toEqual([1, 1]);
  });

  it('stops once', async () => {
    const runId = await engine.start({ scripts: testScripts(50, 1), answer: () => ({ delayMs: 200 }) });
    await seen(3);
    const workflow = await workflowOf(runId);
    // The last of them may come when it has ended.
    await Promise.allSettled(Array.from({ length: 100 }, () => workflow.signal(stopSignal, { by: 'an operator' })));
    const ended = await engine.ended(runId);
    expect([ended.status, ended.reason]).toEqual(['stopped', 'Stopped on request of an operator.']);
    expect([await told(runId, 'stop_requested'), await told(runId, 'run_ended')]).toEqual([1, 1]);
    const requests = engine.agent.seen.length;
    await elapsed(500);
    expect(engine.agent.seen).toHaveLength(requests);
  });
});

describe('an adjustment', () => {
  it('of the concurrency is in force within a second, down and up', async () => {
    const runId = await engine.start({
      scripts: testScripts(120, 1),
      options: { concurrency: 8 },
      target: { concurrency: 20 },
      answer: () => ({ delayMs: 400 }),
    });
    await seen(16);
    await adjust(runId, { concurrency: 1 });
    const loweredAtMs = await inForce();
    await seen(engine.agent.seen.length + 4);
    const raisingAtMs = Date.now();
    await adjust(runId, { concurrency: 10 });
    const raisedAtMs = await inForce();
    await elapsed(1_500);
    const atOnce = (fromMs: number, toMs: number): number => {
      const moments = engine.agent.seen.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).map(({ atMs }) => atMs);
      return Math.max(
        ...moments.map((at) => engine.agent.seen.filter((one) => one.atMs <= at && (one.answeredAtMs ?? Infinity) > at).length),
      );
    };
    expect(atOnce(loweredAtMs, raisingAtMs)).toBe(1);
    expect(atOnce(raisedAtMs, Date.now())).toBeGreaterThan(3);
    expect(atOnce(raisedAtMs, Date.now())).toBeLessThanOrEqual(10);
    await inOrg((tx) => adjustRun(tx, { ...asked(runId), adjustment: { concurrency: 20 } }));
    expect(await engine.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 120 } });
  });

  it('of the rate keeps every request to its turn, and a higher one does not wait for the turn of the lower', async () => {
    const { release, ...held } = holdFirst();
    const startedAtMs = Date.now();
    const runId = await engine.start({ scripts: testScripts(40, 1), options: { maxRequestsPerMinute: 120 }, ...held });
    await seen(10);
    // A busy machine keeps a request on its way; none is early.
    const waits = engine.agent.seen.map(({ atMs }, index) => atMs - startedAtMs - index * 500);
    expect(Math.min(...waits)).toBeGreaterThan(-20);
    await adjust(runId, { maxRequestsPerMinute: 1 });
    const loweredAtMs = await inForce();
    await elapsed(1_000);
    expect(engine.agent.seen.filter(({ atMs }) => atMs > loweredAtMs)).toEqual([]);
    const count = engine.agent.seen.length;
    await adjust(runId, { maxRequestsPerMinute: 6_000 });
    await waitUntil('a request long before the minute is over', async () => engine.agent.seen.length > count, 20_000);
    await adjust(runId, { maxRequestsPerMinute: null });
    release();
    expect(await engine.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 40 } });
  });

  it('by an update of the workflow is validated before it changes anything', async () => {
    const { release, ...held } = holdFirst();
    const runId = await engine.start({ scripts: testScripts(20, 1), options: { concurrency: 2 }, ...held });
    await seen(2);
    const workflow = await workflowOf(runId);
    const refused = await workflow.executeUpdate(adjustRunUpdate, { args: [{ concurrency: 500 }] }).catch((error: unknown) => error);
    expect(String((refused as Error).cause)).toContain('concurrency must be a whole number from 1 to 200');
    expect(await workflow.executeUpdate(adjustRunUpdate, { args: [{ concurrency: 9 }] })).toMatchObject({
      concurrency: 9,
      isPaused: false,
    });
    expect(await engine.db.query('select adjustments from runs where run_id = $1', [runId])).toEqual([{ adjustments: { concurrency: 9 } }]);
    release();
    expect(await engine.ended(runId)).toMatchObject({ status: 'completed' });
  });
});
