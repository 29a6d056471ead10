import { setTimeout as sleep } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { openChaosBench } from '../harness/chaos-bench.ts';
import { cleanedAt, cleanupStates, inOrder, isCleanup, messyStep } from '../harness/cleanups.ts';
import { startOwnTemporal } from '../harness/own-temporal.ts';
import { waitUntil } from '../harness/wait-until.ts';

const stepIds = Array.from({ length: 12 }, (_, index) => `S${index + 10}`);

it('a run goes on to clean up when Temporal was killed with kill -9 meanwhile, twice, and sends each cleanup once', async (context) => {
  const server = await startOwnTemporal(context);
  const answer = (request: Parameters<typeof isCleanup>[0]) => ({ delayMs: isCleanup(request) ? 300 : 0 });
  const bench = await openChaosBench(context, { temporalAddress: server.address, answer });
  await bench.startWorker();
  const runId = await bench.start({
    scripts: inOrder(...stepIds.map((id) => messyStep(id, {}, { method: 'POST' }))),
    options: { concurrency: 4 },
  });
  for (const count of [3, 8]) {
    await waitUntil(`${count} cleanups`, async () => cleanedAt(bench.seen(runId)).length >= count, 60_000);
    await server.kill9();
    await sleep(1_000);
    await server.restart();
  }
  expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: stepIds.length } });
  expect(await bench.check(runId)).toEqual([]);
  expect(cleanedAt(bench.seen(runId))).toEqual(stepIds.toReversed());
  expect(Object.values(await cleanupStates(bench.db, runId))).toEqual(stepIds.map(() => 'cleaned'));
});
