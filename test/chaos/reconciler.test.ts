import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, inject, it } from 'vitest';

import { pauseRun, resumeRun } from '../../db/runs/pause-run.ts';
import { requestStop } from '../../db/runs/request-stop.ts';
import { withOrg } from '../../db/with-org.ts';
import type { RunId } from '../../domain/ids.ts';
import { Reconciler, type RepairKind } from '../../orchestration/reconciler.ts';
import { createLogger } from '../../runtime/logger.ts';
import { startTemporalServer } from '../../scripts/stack/temporal-server.ts';
import { openChaosBench, type ChaosBench } from '../harness/chaos-bench.ts';
import { testScripts } from '../harness/plan-run.ts';
import { waitUntil } from '../harness/wait-until.ts';
import type { WorkerProcess } from '../harness/worker-process.ts';

// First and alone: it measures time.
describe('the reconciler, for a run that was planned and never started', () => {
  it('starts within 5 s, once, the runs that whoever planned them died over, however many workers run', async (context) => {
    const { expect } = context;
    const bench = await openChaosBench(context);
    const workers = await Promise.all([bench.startWorker(), bench.startWorker()]);
    const runIds = await Promise.all(Array.from({ length: 10 }, () => bench.plan({ scripts: testScripts(2, 1) })));
    for (const runId of runIds) {
      expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 2 } });
      expect(await bench.check(runId)).toEqual([]);
      expect(await executions(bench, runId)).toBe(1);
      const [row] = await bench.db.query<Record<'created_at' | 'started_at', Date>>(
        'select created_at, started_at from runs where run_id = $1',
        [runId],
      );
      expect((row?.started_at.getTime() ?? Infinity) - (row?.created_at.getTime() ?? 0)).toBeLessThan(5_000);
      expect(await auditRows(bench, runId)).toEqual(['run.workflow_started']);
    }
    await waitUntil('the count of the repairs', async () => (await repairs(workers, 'workflow_started')) === 10);
  });
});

describe.concurrent('the reconciler, for a run that Temporal and PostgreSQL tell differently', () => {
  it('ends a run as failed when its workflow was terminated by hand, and keeps its results', async (context) => {
    const { expect } = context;
    const unanswered = new Promise<never>(() => undefined);
    const bench = await openChaosBench(context, { answer: (_, number) => (number <= 4 ? {} : unanswered) });
    const worker = await bench.startWorker();
    const runId = await bench.start({ scripts: testScripts(10, 1), target: { timeoutMs: 120_000 } });
    await waitUntil('four verdicts', async () => (await bench.judged(runId)) === 4);
    await waitUntil('four requests in flight', async () => bench.agent.seen.length === 8);
    await bench.temporal.call((client) => client.workflow.getHandle(`run/${runId}`).terminate('by hand'));
    expect(await bench.ended(runId)).toMatchObject({ status: 'failed', outcomes: { resisted: 4, not_run: 6 } });
    expect(await auditRows(bench, runId)).toEqual(['run.run_closed']);
    await waitUntil('the count of the repair', async () => (await repairs([worker], 'run_closed')) === 1);
    await waitUntil('the requests in flight to be aborted', async () =>
      bench.seen(runId).every(({ abortedAtMs, answeredAtMs }) => abortedAtMs !== undefined || answeredAtMs !== undefined),
    );
    expect(await bench.check(runId, 'terminated')).toEqual([]);
  });

  it('is not needed for a stop whose signal was lost: the ledger refuses every further step, and the run ends stopped', async (context) => {
    const { expect } = context;
    const bench = await openChaosBench(context, { answer: () => ({ delayMs: 300 }) });
    await bench.startWorker();
    const runId = await bench.start({ scripts: testScripts(100, 1) });
    await waitUntil('some requests', async () => bench.agent.seen.length >= 6);
    await stopWithoutSignal(bench, runId);
    expect(await bench.ended(runId)).toMatchObject({ status: 'stopped', reason: 'Stopped on request of key_lost.' });
    expect(await bench.check(runId)).toEqual([]);
  });

  it('sends the signal of a stop again when it was lost while the run waits for its target', async (context) => {
    const { expect } = context;
    const bench = await openChaosBench(context, { answer: () => ({ status: 429, headers: { 'retry-after': '120' } }) });
    const worker = await bench.startWorker();
    const runId = await bench.start({ scripts: testScripts(2, 1) });
    await waitUntil(
      'two steps that wait',
      async () => (await bench.db.query("select from run_feed where type = 'probe_waiting'")).length === 2,
    );
    await stopWithoutSignal(bench, runId);
    // Long before the target would be asked again, and that be refused.
    expect(await bench.ended(runId, 60_000)).toMatchObject({
      status: 'stopped',
      reason: 'Stopped on request of key_lost.',
      outcomes: { not_run: 2 },
    });
    expect(await bench.check(runId)).toEqual([]);
    await checkResent(bench, { runId, worker, kind: 'stop_resent' });
  });

  it('tells a run again that it was resumed when the signal was lost', async (context) => {
    const { expect } = context;
    const paused = Promise.withResolvers<void>();
    const bench = await openChaosBench(context, { answer: () => paused.promise.then(() => ({})) });
    const worker = await bench.startWorker();
    // One after the other: a step that met the pause later than the first would make the workflow look again, after the resumption.
    const runId = await bench.start({ scripts: testScripts(1, 8), target: { timeoutMs: 120_000 } });
    const asked = { orgId: bench.tenant.orgId, runId, requestedBy: 'key_lost' };
    await waitUntil('a request', async () => bench.agent.seen.length > 0);
    expect(await withOrg(bench.db.database, asked.orgId, (tx) => pauseRun(tx, asked))).toBe('paused');
    paused.resolve();
    await waitUntil('the workflow to know of the pause', async () => (await bench.runs.progress(runId)).status === 'paused');
    expect(await withOrg(bench.db.database, asked.orgId, (tx) => resumeRun(tx, asked))).toBe('resumed');
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 8 } });
    expect(await bench.check(runId)).toEqual([]);
    await checkResent(bench, { runId, worker, kind: 'control_resent' });
  });

  it('mends nothing of a run that came to its end after it was listed as live', async (context) => {
    const { expect } = context;
    const listed = Promise.withResolvers<void>();
    const bench = await openChaosBench(context, { answer: () => listed.promise.then(() => ({})) });
    await bench.startWorker();
    const runId = await bench.start({ scripts: testScripts(1, 1), target: { timeoutMs: 120_000 } });
    await waitUntil('a request', async () => bench.agent.seen.length > 0);
    const state = async (of: RunId) => {
      listed.resolve();
      await bench.ended(of);
      return bench.runs.state(of);
    };
    const log = createLogger({ name: 'test-reconciler', level: 'silent' });
    const slow = new Reconciler({ database: bench.db.database, runs: { ...bench.runs, state }, log });
    await slow.sweep();
    expect(Object.values(slow.repairs).every((count) => count === 0)).toBe(true);
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 1 } });
    expect(await bench.db.query("select action from audit_logs where actor = 'reconciler'")).toEqual([]);
  });

  it('starts a run again when Temporal has lost its store, and sends no finished step again', async (context) => {
    const { expect } = context;
    const folder = await mkdtemp(join(tmpdir(), 'ordeal-chaos-'));
    const options = { cliPath: inject('temporalCliPath'), headless: true, log: () => undefined };
    let server = await startTemporalServer({ ...options, dbFile: join(folder, 'first.db') });
    context.onTestFinished(async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    });
    const bench = await openChaosBench(context, { temporalAddress: server.address, answer: () => ({ delayMs: 300 }) });
    const worker = await bench.startWorker();
    const runId = await bench.start({ scripts: testScripts(20, 2) });
    await waitUntil('ten answers', async () => bench.agent.seen.filter(({ answeredAtMs }) => answeredAtMs !== undefined).length >= 10);
    await server.kill9();
    server = await startTemporalServer({ ...options, dbFile: join(folder, 'second.db'), port: Number(server.address.split(':')[1]) });
    const { outcomes } = await bench.ended(runId);
    expect(await bench.check(runId)).toEqual([]);
    expect(outcomes['not_run']).toBeUndefined();
    // What was in flight when the store was lost may be unknown; everything else has its verdict.
    expect(outcomes['resisted']).toBeGreaterThanOrEqual(34);
    expect(bench.seen(runId)).toHaveLength(new Set(bench.seen(runId).map(({ probeId }) => probeId)).size);
    expect(await auditRows(bench, runId)).toEqual(['run.workflow_restarted']);
    await waitUntil('the count of the repair', async () => (await repairs([worker], 'workflow_restarted')) === 1);
  });
});

function stopWithoutSignal({ db, tenant }: ChaosBench, runId: RunId) {
  return withOrg(db.database, tenant.orgId, (tx) => requestStop(tx, { orgId: tenant.orgId, runId, requestedBy: 'key_lost' }));
}

/** How often the workflow of a run that has ended was started, once the visibility store knows of its end. */
function executions({ temporal }: ChaosBench, runId: RunId): Promise<number> {
  return waitUntil('the executions in the visibility store', () =>
    temporal.call(async (client) => {
      const statuses = [];
      for await (const { status } of client.workflow.list({ query: `WorkflowId = "run/${runId}"` })) statuses.push(status.name);
      return statuses.length > 0 && statuses.every((status) => status === 'COMPLETED') && statuses.length;
    }),
  );
}

interface Resent {
  readonly runId: RunId;
  readonly worker: WorkerProcess;
  readonly kind: RepairKind;
}

/** A signal that takes a busy workflow some seconds is sent again; whatever was sent is written down and counted, and nothing else was mended. */
async function checkResent(bench: ChaosBench, { runId, worker, kind }: Resent): Promise<void> {
  await waitUntil(`as many rows of ${kind} as its count, and no others`, async () => {
    const rows = await auditRows(bench, runId);
    return rows.every((action) => action === `run.${kind}`) && rows.length === (await repairs([worker], kind));
  });
}

/** What was mended, once anything is written down: a run may end before that. */
async function auditRows(bench: ChaosBench, runId: RunId): Promise<string[]> {
  const rows = await waitUntil('an audit row of a repair', async () => {
    const found = await bench.db.query<{ action: string }>(
      "select action from audit_logs where object_id = $1 and actor = 'reconciler' order by at",
      [runId],
    );
    return found.length > 0 && found;
  });
  return rows.map(({ action }) => action);
}

async function repairs(workers: readonly WorkerProcess[], kind: RepairKind): Promise<number> {
  const counts = await Promise.all(workers.map(async (worker) => (await worker.health()).repairs[kind]));
  return counts.reduce((sum, count) => sum + count, 0);
}
