import { describe, expect, it } from 'vitest';

import type { RunId } from '../../domain/ids.ts';
import type { AgentAnswer, SeenRequest } from '../fakes/scripted-agent.ts';
import { openChaosBench, type ChaosBench } from '../harness/chaos-bench.ts';
import { CrashPoints, gates, type Gate } from '../harness/crash-points.ts';
import { testScripts } from '../harness/plan-run.ts';
import { waitUntil } from '../harness/wait-until.ts';

/** Beside those at which the database holds a step, two at which the agent does. */
const points = [...(Object.keys(gates) as Gate[]), 'after the request', 'as the answer arrives'] as const;
type Point = (typeof points)[number];

const kills = 4;
/** Steps in flight of each run at each kill. */
const inFlight = 2;
/** Who commits a verdict holds the feed of the run, so one at a time can stand there. */
const heldAt = (point: Point): number => (point === 'before the completion' ? 1 : inFlight);

/**
 * Points at which the ledger row is open: whether the target has seen the request of what stands there.
 * At the others an attempt is cut only when the run happens to be further by then. Another step of a run may be anywhere.
 */
const isSeenAt: Partial<Record<Point, boolean>> = { 'after the ledger row': false, 'after the request': true, 'after the answer': true };

interface KilledRun {
  readonly runId: RunId;
  readonly point: Point;
  readonly isIdempotent: boolean;
  /** By probe: the attempts that were in the ledger, without an end, when a worker was killed. */
  readonly cut: Map<string, Set<string>>;
  /** Verdicts at the last kill. */
  judged: number;
}

describe('fault B: the worker is killed with kill -9', () => {
  it('loses and doubles no verdict at any point in the life of a request', async (context) => {
    const hold = new AnswerHold();
    const bench = await openChaosBench(context, { answer: (request) => hold.answer(request) });
    const crash = await CrashPoints.open(bench.db);
    try {
      const runs = await startRuns(bench, crash);
      let worker = await bench.startWorker();
      for (let kill = 1; kill <= kills; kill += 1) {
        await Promise.all(runs.map((run) => shutAfterVerdict({ bench, crash, hold }, run)));
        await standAtPoints({ bench, crash, hold }, runs);
        const arriving = runs.filter(({ point }) => point === 'as the answer arrives');
        await Promise.all(arriving.map(({ runId }) => hold.release(runId)));
        await worker.kill9();
        await reopen({ bench, crash, hold }, runs);
        worker = await bench.startWorker();
      }
      for (const run of runs) await checkKilledRun(bench, run);
    } finally {
      await crash.close();
    }
  }, 600_000);
});

interface Rig {
  readonly bench: ChaosBench;
  readonly crash: CrashPoints;
  readonly hold: AnswerHold;
}

async function startRuns(bench: ChaosBench, crash: CrashPoints): Promise<KilledRun[]> {
  const runs: KilledRun[] = [];
  for (const point of points) {
    for (const isIdempotent of [false, true]) {
      const options = { concurrency: inFlight, maxAttempts: 10 };
      const runId = await bench.plan({ scripts: testScripts(8, 3), options, target: { idempotent: isIdempotent, timeoutMs: 300_000 } });
      if (isGate(point)) await crash.place(runId, point);
      runs.push({ runId, point, isIdempotent, cut: new Map(), judged: -1 });
      await bench.runs.start(bench.tenant.orgId, runId);
    }
  }
  return runs;
}

/** A step that was cut again and again is begun again ever later. */
const recoveryMs = 120_000;

/** Lets a run get over its last kill, and then lets no step pass its point. */
async function shutAfterVerdict({ bench, crash, hold }: Rig, { runId, point, judged }: KilledRun): Promise<void> {
  await waitUntil(`a verdict after the last kill ${point}`, async () => (await bench.judged(runId)) > judged, recoveryMs);
  if (isGate(point)) await crash.shut(runId);
  else hold.shut(runId);
}

/** All at once: the database lets nobody stand at a gate for ever. */
async function standAtPoints({ crash, hold }: Rig, runs: readonly KilledRun[]): Promise<void> {
  const stands = async ({ runId, point }: KilledRun): Promise<boolean> =>
    (isGate(point) ? await crash.held(runId) : hold.held(runId)) >= heldAt(point);
  await waitUntil('steps of every run at its point', async () => (await Promise.all(runs.map(stands))).every(Boolean), recoveryMs);
}

/** After the kill: nothing is held any more, and what the dead worker had begun has come to its end. */
async function reopen({ bench, crash, hold }: Rig, runs: readonly KilledRun[]): Promise<void> {
  for (const { runId, point } of runs) {
    if (isGate(point)) await crash.openGate(runId);
    else await hold.release(runId);
  }
  await crash.settled();
  for (const run of runs) {
    const { runId, cut } = run;
    run.judged = await bench.judged(runId);
    const rows = await bench.db.query<{ probe_id: string; attempt_id: string }>(
      `select p.probe_id, a.attempt_id from probes p join attempts a on (a.org_id, a.run_id, a.step_id, a.variant_no) = (p.org_id, p.run_id, p.step_id, p.variant_no)
       where a.run_id = $1 and a.state = 'open'`,
      [runId],
    );
    for (const row of rows) cut.set(row.probe_id, (cut.get(row.probe_id) ?? new Set()).add(row.attempt_id));
  }
}

async function checkKilledRun(bench: ChaosBench, { runId, point, isIdempotent, cut }: KilledRun): Promise<void> {
  const title = `${point}, ${isIdempotent ? 'idempotent' : 'not idempotent'}`;
  const { status, outcomes } = await bench.ended(runId);
  expect(await bench.check(runId), title).toEqual([]);
  const steps = 24;
  const lost = isIdempotent ? 0 : cut.size;
  expect(outcomes, title).toEqual({ ...(lost === 0 ? {} : { inconclusive: lost }), resisted: steps - lost });
  expect(status, title).toBe(lost === 0 ? 'completed' : 'incomplete');
  expect(await causes(bench, runId, 'attempts'), title).toEqual(cut.size === 0 ? [] : ['indeterminate']);
  expect(await causes(bench, runId, 'probes'), title).toEqual(lost === 0 ? [] : ['indeterminate']);
  const requests = (probeId: string) => bench.seen(runId).filter((request) => request.probeId === probeId).length;
  const seen = new Set(bench.seen(runId).map(({ headers }) => headers['x-request-id']));
  const stood = [...cut.values()].flatMap((attempts) => [...attempts]).filter((attemptId) => seen.has(attemptId) === isSeenAt[point]);
  if (isSeenAt[point] !== undefined) expect(stood.length, title).toBeGreaterThanOrEqual(inFlight);
  for (const [probeId, attempts] of cut) {
    const again = isIdempotent ? 1 : 0;
    expect(requests(probeId), title).toBeLessThanOrEqual(attempts.size + again);
    expect(requests(probeId), title).toBeGreaterThanOrEqual(again);
  }
  const others = new Set(
    bench
      .seen(runId)
      .filter((request) => !cut.has(request.probeId))
      .map((request) => request.probeId),
  );
  for (const probeId of others) expect(requests(probeId), title).toBe(1);
}

async function causes(bench: ChaosBench, runId: RunId, table: 'attempts' | 'probes'): Promise<string[]> {
  const rows = await bench.db.query<{ failure: string }>(
    `select distinct failure from ${table} where run_id = $1 and failure is not null`,
    [runId],
  );
  return rows.map((row) => row.failure);
}

function isGate(point: Point): point is Gate {
  return point in gates;
}

const agentDelayMs = 150;

/** Keeps the agent from answering the requests of chosen runs. */
class AnswerHold {
  readonly #waiting = new Map<RunId, { readonly request: SeenRequest; readonly answer: () => void }[]>();

  shut(runId: RunId): void {
    this.#waiting.set(runId, []);
  }

  held(runId: RunId): number {
    return this.#waiting.get(runId)?.length ?? 0;
  }

  async answer(request: SeenRequest): Promise<AgentAnswer> {
    const waiting = this.#waiting.get(request.headers['x-ordeal-run-id'] as RunId);
    if (waiting === undefined) return { delayMs: agentDelayMs };
    await new Promise<void>((resolve) => waiting.push({ request, answer: resolve }));
    return {};
  }

  /** Answers what was held; resolves when all the answers are on their way, or nobody is there to take them. */
  async release(runId: RunId): Promise<void> {
    const waiting = this.#waiting.get(runId) ?? [];
    this.#waiting.delete(runId);
    for (const { answer } of waiting) answer();
    const isOver = ({ request }: { request: SeenRequest }) => request.answeredAtMs !== undefined || request.abortedAtMs !== undefined;
    while (!waiting.every(isOver)) await new Promise((resolve) => setImmediate(resolve));
  }
}
