import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, inject, it, type TestContext } from 'vitest';

import { runWorkflowId, type RunId } from '../../domain/ids.ts';
import { startTemporalServer } from '../../scripts/stack/temporal-server.ts';
import type { AgentAnswer, SeenRequest } from '../fakes/scripted-agent.ts';
import { openChaosBench, type ChaosBench } from '../harness/chaos-bench.ts';
import { testScripts } from '../harness/plan-run.ts';
import { documentedLine, runTemporalLine, untilTemporalAccepts } from '../harness/temporal-command.ts';
import { waitUntil } from '../harness/wait-until.ts';
import type { WorkerProcess } from '../harness/worker-process.ts';

const steps = 8;
const spec = { scripts: testScripts(steps, 1), options: { concurrency: 1 }, target: { timeoutMs: 300_000, idempotent: true } };
const finished = { status: 'completed', outcomes: { resisted: steps } };

/** So that each run goes on in a new execution in mid-run, and a build without runs is called drained at once. */
const hastyServer = {
  'limit.historyCount.suggestContinueAsNew': 30,
  'matching.wv.VersionDrainageStatusVisibilityGracePeriod': '1s',
  'matching.wv.VersionDrainageStatusRefreshInterval': '1s',
};

describe('a deploy from build A to build B', () => {
  it('breaks none of 20 live runs: each ends on A, through continue-as-new as well, and runs started later on B', async (context) => {
    const hold = new AnswerHold();
    const bench = await openChaosBench(context, {
      temporalAddress: await startHastyServer(context),
      answer: (request) => hold.answer(request),
    });
    const { A, B } = twoBuilds();
    const workerA = await bench.startWorker({ build: A });
    await makeCurrent(bench, A);
    const old = await Promise.all(Array.from({ length: 20 }, () => startHeld(bench, hold)));

    const workerB = await bench.startWorker({ build: B });
    await makeCurrent(bench, B);
    const fresh = await Promise.all(Array.from({ length: 5 }, () => bench.start(spec)));
    for (const runId of fresh) await expectEndedOn(bench, runId, { build: B, worker: workerB });
    await waitUntil('build A to drain', async () => (await drainage(bench, A)) === 'draining');
    await waitUntil('the count of runs on A', async () => (await countRunning(bench, A)) === old.length);
    expect(old.map((runId) => bench.seen(runId).length)).toEqual(old.map(() => 1));

    hold.open();
    for (const runId of old) {
      const executions = await expectEndedOn(bench, runId, { build: A, worker: workerA });
      expect(executions).toBeGreaterThan(1);
    }
    await waitUntil('build A to be drained', async () => (await drainage(bench, A)) === 'drained');
    await waitUntil('no run on A', async () => (await countRunning(bench, A)) === 0);
    expect(await workerA.stop()).toMatchObject({ code: 0 });
    await expectEndedOn(bench, await bench.start(spec), { build: B, worker: workerB });
  }, 300_000);

  it('is ramped and rolled back: new runs go where the operator says, and what B began ends on B, or on A when it is moved', async (context) => {
    const hold = new AnswerHold();
    const bench = await openChaosBench(context, { answer: (request) => hold.answer(request) });
    const { A, B } = twoBuilds();
    const workers = { A: await bench.startWorker({ build: A }), B: await bench.startWorker({ build: B }) };
    await makeCurrent(bench, A);
    await untilTemporalAccepts(
      bench.settings.temporalAddress,
      documentedLine(['set-ramping-version', '--percentage'], B).replace('--percentage 10', '--percentage 100'),
    );
    const [begun, moved] = [await startHeld(bench, hold), await startHeld(bench, hold)];

    await makeCurrent(bench, A);
    await runTemporalLine(bench.settings.temporalAddress, documentedLine(['set-ramping-version', '--delete'], B));
    const later = await startHeld(bench, hold);
    hold.openFor(begun);
    hold.openFor(later);
    await expectEndedOn(bench, begun, { build: B, worker: workers.B });
    await expectEndedOn(bench, later, { build: A, worker: workers.A });

    await workers.B.kill9();
    await runTemporalLine(bench.settings.temporalAddress, documentedLine(['update-options'], { ...A, runId: moved }));
    hold.openFor(moved);
    expect(await bench.ended(moved)).toMatchObject(finished);
    expect(await bench.check(moved)).toEqual([]);
  });

  it('strands no run that unversioned workers began, under the next unversioned worker or the first build, and goes back', async (context) => {
    const hold = new AnswerHold();
    const bench = await openChaosBench(context, { answer: (request) => hold.answer(request) });
    const before = await bench.startWorker();
    const [one, other] = [await startHeld(bench, hold), await startHeld(bench, hold)];
    await before.kill9();
    const upgraded = await bench.startWorker();
    hold.openFor(one);
    expect(await bench.ended(one)).toMatchObject(finished);
    await upgraded.kill9();

    const { A } = twoBuilds();
    await bench.startWorker({ build: A });
    await makeCurrent(bench, A);
    hold.open();
    expect(await bench.ended(other)).toMatchObject(finished);

    await runTemporalLine(bench.settings.temporalAddress, documentedLine(['--unversioned'], A));
    await bench.startWorker();
    const back = await bench.start(spec);
    expect(await bench.ended(back)).toMatchObject(finished);
    for (const runId of [one, other, back]) expect(await bench.check(runId)).toEqual([]);
  });
});

async function startHastyServer(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ordeal-chaos-'));
  const server = await startTemporalServer({
    cliPath: inject('temporalCliPath'),
    dbFile: join(folder, 'temporal.db'),
    headless: true,
    dynamicConfig: hastyServer,
    log: () => undefined,
  });
  context.onTestFinished(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return server.address;
}

interface Build {
  readonly deploymentName: string;
  readonly buildId: string;
}

function twoBuilds(): { readonly A: Build; readonly B: Build } {
  // Deployments of all tests live in one namespace.
  const deploymentName = `test-${randomBytes(6).toString('hex')}`;
  return { A: { deploymentName, buildId: '0.1.0' }, B: { deploymentName, buildId: '0.2.0' } };
}

function makeCurrent({ settings }: ChaosBench, build: Build): Promise<void> {
  return untilTemporalAccepts(settings.temporalAddress, documentedLine(['set-current-version', `--build-id ${build.buildId}`], build));
}

async function drainage({ settings }: ChaosBench, build: Build): Promise<string | undefined> {
  const text = await runTemporalLine(settings.temporalAddress, documentedLine(['describe-version'], build));
  return (JSON.parse(text) as { readonly drainageInfo?: { readonly drainageStatus?: string } }).drainageInfo?.drainageStatus;
}

async function countRunning({ settings }: ChaosBench, build: Build): Promise<number> {
  const text = await runTemporalLine(settings.temporalAddress, documentedLine(['workflow count'], build));
  return Number(/\d+/.exec(text)?.[0]);
}

/** A run whose first request is at the agent, which keeps it. */
async function startHeld(bench: ChaosBench, hold: AnswerHold): Promise<RunId> {
  const runId = await bench.plan(spec);
  hold.shut(runId);
  await bench.runs.start(bench.tenant.orgId, runId);
  await waitUntil(`a request of ${runId}`, async () => bench.seen(runId).length > 0);
  return runId;
}

interface Doer {
  readonly build: Build;
  readonly worker: WorkerProcess;
}

/** Rows, target and history all say that the run ended well, and the history that one build, in one process, did all of it. */
async function expectEndedOn(bench: ChaosBench, runId: RunId, { build, worker }: Doer): Promise<number> {
  expect(await bench.ended(runId)).toMatchObject(finished);
  expect(await bench.check(runId)).toEqual([]);
  const executions = await readExecutions(bench, runId);
  const traces = executions.flat();
  expect(traces.length).toBeGreaterThan(steps);
  expect(new Set(traces.map(({ process }) => process.split('@')[0]))).toEqual(new Set([String(worker.pid)]));
  const builds = traces.flatMap((trace) => (trace.build === undefined ? [] : [trace.build]));
  expect(new Set(builds)).toEqual(new Set([`PINNED ${build.deploymentName} ${build.buildId}`]));
  return executions.length;
}

interface Trace {
  readonly process: string;
  readonly build?: string;
}

/** Who did each task of a run, by execution, the last one first. */
async function readExecutions({ temporal }: ChaosBench, runId: RunId): Promise<Trace[][]> {
  const executions: Trace[][] = [];
  for (let execution: string | undefined, isFirst = true; isFirst || execution !== undefined; isFirst = false) {
    const at: string | undefined = execution;
    const { events } = await temporal.call((client) => client.workflow.getHandle(runWorkflowId(runId), at).fetchHistory());
    executions.push((events ?? []).flatMap(traceOf));
    execution = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
  }
  return executions;
}

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];
const pinned = 1;

function traceOf(event: HistoryEvent): Trace[] {
  const activity = event.activityTaskStartedEventAttributes;
  if (activity !== null && activity !== undefined) return [{ process: activity.identity ?? '' }];
  const task = event.workflowTaskCompletedEventAttributes;
  if (task === null || task === undefined) return [];
  const behaviour = task.versioningBehavior === pinned ? 'PINNED' : String(task.versioningBehavior);
  const build = `${behaviour} ${task.deploymentVersion?.deploymentName} ${task.deploymentVersion?.buildId}`;
  return [{ process: task.identity ?? '', build }];
}

/** Keeps the agent from answering chosen runs. */
class AnswerHold {
  readonly #shut = new Map<RunId, PromiseWithResolvers<void>>();

  shut(runId: RunId): void {
    this.#shut.set(runId, Promise.withResolvers());
  }

  async answer(request: SeenRequest): Promise<AgentAnswer> {
    await this.#shut.get(request.headers['x-ordeal-run-id'] as RunId)?.promise;
    return {};
  }

  openFor(runId: RunId): void {
    this.#shut.get(runId)?.resolve();
  }

  open(): void {
    for (const { resolve } of this.#shut.values()) resolve();
  }
}
