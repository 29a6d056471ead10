import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { startPostgres } from '../../scripts/stack/embedded-postgres.ts';
import { openChaosBench, type ChaosBench } from '../harness/chaos-bench.ts';
import { makeTemplate } from '../harness/global-setup.ts';
import { startOwnTemporal } from '../harness/own-temporal.ts';
import { testScripts } from '../harness/plan-run.ts';
import { waitUntil } from '../harness/wait-until.ts';

const steps = 60;
const kills = 3;
const downMs = 1_000;
const inFlight = 4;
const spec = { scripts: testScripts(20, 3), options: { maxAttempts: 10, concurrency: inFlight } };

interface Server {
  kill9(): Promise<void>;
  restart(): Promise<void>;
}

describe('a server that is killed with kill -9 and started again in mid-run, three times', () => {
  it('Temporal: the run ends by itself, and each step was sent once', async (context) => {
    const server = await startOwnTemporal(context);
    const bench = await openChaosBench(context, { temporalAddress: server.address, answer: () => ({ delayMs: 250 }) });
    await bench.startWorker();
    const runId = await bench.start(spec);
    await killInMidRun(bench, server);
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: steps } });
    expect(await bench.check(runId)).toEqual([]);
    expect(bench.seen(runId)).toHaveLength(steps);
  });

  it('PostgreSQL: the run ends by itself, and every answer that the agent gave has its verdict', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'ordeal-chaos-'));
    const server = await startPostgres({ dataDir: join(folder, 'postgres'), log: () => undefined });
    await makeTemplate(server.adminUrl);
    context.onTestFinished(async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    });
    const bench = await openChaosBench(context, { clusterUrl: server.adminUrl, answer: () => ({ delayMs: 250 }) });
    const worker = await bench.startWorker();
    const runId = await bench.start(spec);
    await killInMidRun(bench, server);
    const { outcomes } = await bench.ended(runId);
    expect(await bench.check(runId)).toEqual([]);
    const answered = new Set(
      bench
        .seen(runId)
        .filter(({ answeredAtMs }) => answeredAtMs !== undefined)
        .map(({ probeId }) => probeId),
    );
    // Of each request that was about to be sent at a kill, nobody may know whether its ledger row was committed.
    expect(answered.size).toBeGreaterThanOrEqual(steps - kills * inFlight);
    expect(outcomes['resisted']).toBe(answered.size);
    expect(outcomes['not_run']).toBeUndefined();
    expect(worker.isAlive()).toBe(true);
  });
});

/** Kills the server whenever another quarter of the steps has arrived, and leaves it down for a second. */
async function killInMidRun(bench: ChaosBench, server: Server): Promise<void> {
  for (let kill = 1; kill <= kills; kill += 1) {
    const arrived = (steps / (kills + 1)) * kill;
    await waitUntil(`${arrived} requests`, async () => bench.agent.seen.length >= arrived, 60_000);
    await server.kill9();
    await sleep(downMs);
    await server.restart();
  }
}
