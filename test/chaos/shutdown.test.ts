import { describe, it } from 'vitest';

import { openChaosBench } from '../harness/chaos-bench.ts';
import { testScripts } from '../harness/plan-run.ts';
import { waitUntil } from '../harness/wait-until.ts';

describe.concurrent('SIGTERM to a worker', () => {
  it('lets the steps in flight finish, ends within 30 s with code 0, and another worker goes on', async (context) => {
    const { expect } = context;
    const shuttingDown = Promise.withResolvers<void>();
    const bench = await openChaosBench(context, { answer: () => shuttingDown.promise.then(() => ({})) });
    const first = await bench.startWorker();
    const target = { concurrency: 6, timeoutMs: 60_000 };
    const runId = await bench.start({ scripts: testScripts(12, 1), options: { concurrency: 6 }, target });
    await waitUntil('six steps in flight', async () => bench.agent.seen.length === 6);
    const stopping = first.stop();
    await waitUntil('the worker to shut down', async () => first.lastLines.some((line) => line.includes('shutting down')));
    shuttingDown.resolve();
    const exit = await stopping;
    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(exit.tookMs).toBeLessThan(30_000);
    const inFlight = bench.agent.seen.slice(0, 6);
    expect(inFlight.map(({ abortedAtMs }) => abortedAtMs)).toEqual(Array.from({ length: 6 }, () => undefined));
    const judged = await bench.db.query('select from probes where outcome = $1 and probe_id = any ($2)', [
      'resisted',
      inFlight.map(({ probeId }) => probeId),
    ]);
    expect(judged).toHaveLength(6);
    await bench.startWorker();
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 12 } });
    expect(await bench.check(runId)).toEqual([]);
    expect(bench.seen(runId)).toHaveLength(12);
  });

  it('of one after the other, as a rolling restart does, fails none of ten live runs', async (context) => {
    const { expect } = context;
    const bench = await openChaosBench(context, { answer: () => ({ delayMs: 400 }) });
    let worker = await bench.startWorker();
    const runIds = await Promise.all(
      Array.from({ length: 10 }, () => bench.start({ scripts: testScripts(10, 4), options: { concurrency: 2 } })),
    );
    for (let restart = 1; restart <= 3; restart += 1) {
      const arrived = restart * 60;
      await waitUntil(`${arrived} requests`, async () => bench.agent.seen.length >= arrived);
      const next = await bench.startWorker();
      expect(await worker.stop()).toMatchObject({ code: 0 });
      worker = next;
    }
    for (const runId of runIds) {
      expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 40 } });
      expect(await bench.check(runId)).toEqual([]);
      expect(bench.seen(runId)).toHaveLength(40);
    }
  }, 300_000);
});
