import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, inject, it } from 'vitest';

import { startTemporalServer } from '../../scripts/stack/temporal-server.ts';
import { openChaosBench } from '../harness/chaos-bench.ts';
import { createTarget, targetAt } from '../harness/plan-run.ts';
import { apiClient } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const catchUpSeconds = 10;
const everySeconds = 2;
const downSeconds = 15;

it('firings that Temporal was away for are made up for while they are young, and counted as missed otherwise; none fires twice', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'ordeal-chaos-'));
  const server = await startTemporalServer({
    cliPath: inject('temporalCliPath'),
    dbFile: join(folder, 'temporal.db'),
    headless: true,
    log: () => undefined,
  });
  context.onTestFinished(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const bench = await openChaosBench(context, { temporalAddress: server.address });
  const [api, worker] = await Promise.all([bench.startApi(), bench.startWorker()]);
  const client = apiClient(api.url, bench.tenant.apiKey);
  const targetId = await createTarget(bench.db.database, bench.tenant, targetAt(bench.agent.url));
  const made = await client.post(`/api/projects/${bench.tenant.projectId}/schedules`, {
    name: 'often',
    timing: { everySeconds, catchUpSeconds, overlap: 'allow_all' },
    run: { targetId, scripts: ['S1'] },
  });
  expect(made.status).toBe(201);
  const schedule = `/api/schedules/${String(made.json['scheduleId'])}`;
  const firings = async (): Promise<readonly { readonly scheduledFor: string }[]> =>
    (await client.get(`${schedule}/firings?limit=100`)).json['items'] as [];
  await waitUntil('a firing', async () => (await firings()).length > 0);

  await Promise.all([server.kill9(), worker.kill9()]);
  await sleep(downSeconds * 1_000);
  expect((await client.get(schedule)).json).toMatchObject({ missed: null, next: [] });
  await server.restart();
  await bench.startWorker();

  // Those that are made up for come in any order; in the end, what was missed is exactly the hole in the line.
  await waitUntil('a hole as long as what was missed', async () => {
    const missed = Number((await client.get(schedule)).json['missed']);
    return missed > 0 && longestHole(await firings()) === missed;
  });
  const times = (await firings()).map(({ scheduledFor }) => scheduledFor);
  expect(new Set(times).size).toBe(times.length);
}, 180_000);

/** Firings that are not there between two that are. */
function longestHole(firings: readonly { readonly scheduledFor: string }[]): number {
  const times = firings.map(({ scheduledFor }) => Date.parse(scheduledFor)).toSorted((left, right) => left - right);
  const gaps = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 1_000 / everySeconds - 1);
  return Math.max(...gaps);
}
