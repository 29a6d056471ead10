import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { RunId } from '../../domain/ids.ts';
import type { RunPriority } from '../../domain/run-priority.ts';
import { startScriptedAgent, type ScriptedAgent } from '../fakes/scripted-agent.ts';
import { createTarget, createTenant, planRun, targetAt, testScripts, type TestTenant } from '../harness/plan-run.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { startTestWorker, type TestWorker } from '../harness/test-worker.ts';
import { waitUntil } from '../harness/wait-until.ts';

/** Far fewer than the runs of the large organization ask for. */
const workerConcurrency = 24;
/** Long enough for places, and not the processor of the machine, to be what is short. */
const answerAfterMs = 600;
const runsOfTheLarge = 50;

let db: TestDatabase;
let agent: ScriptedAgent;
let worker: TestWorker;

beforeAll(async () => {
  db = await createTestDatabase();
  agent = await startScriptedAgent(() => ({ delayMs: answerAfterMs }));
  worker = await startTestWorker({ database: db.database, allowPorts: [agent.port], concurrency: workerConcurrency });
});

afterAll(async () => {
  await worker.close();
  await agent.close();
  await db.drop();
});

async function startRuns(tenant: TestTenant, count: number, priority: RunPriority = 'normal'): Promise<readonly RunId[]> {
  const definition = targetAt(agent.url, { concurrency: 100 });
  const targetId = await createTarget(db.database, tenant, definition);
  const plan = { tenant, targetId, definition, scripts: testScripts(4, 4), priority };
  const runIds = await Promise.all(Array.from({ length: count }, () => planRun(db.database, plan)));
  await Promise.all(runIds.map((runId) => worker.runs.start(tenant.orgId, runId)));
  return runIds;
}

/** From when it was planned to when it ended, by the clock of the database. */
async function tookMs(runId: RunId): Promise<number> {
  const [row] = await waitUntil(
    `the end of ${runId}`,
    async () => {
      const rows = await db.query<{ ms: number }>(
        `select (extract(epoch from ended_at - created_at) * 1000)::float8 as ms from runs where run_id = $1 and status = 'completed'`,
        [runId],
      );
      return rows.length > 0 && rows;
    },
    90_000,
  );
  return row?.ms ?? Number.NaN;
}

async function countEnded(runIds: readonly RunId[]): Promise<number> {
  const [row] = await db.query<{ n: number }>('select count(*)::int as n from runs where run_id = any($1) and ended_at is not null', [
    runIds,
  ]);
  return row?.n ?? 0;
}

const requestsOf = (count: number) => waitUntil(`${count} requests`, async () => agent.seen.length >= count);

describe('with one organization of fifty runs and one of a single run', () => {
  it('the single one waits no longer than twice its time alone, and an urgent run of the large one overtakes its normal ones', async () => {
    const [large, small] = await Promise.all([createTenant(db.database, 'Large'), createTenant(db.database, 'Small')]);
    const alone: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const [runId] = await startRuns(small, 1);
      alone.push(await tookMs(runId as RunId));
    }
    agent.seen.length = 0;
    const crowd = await startRuns(large, runsOfTheLarge);
    await requestsOf(50);
    const [besides] = await startRuns(small, 1);
    const [urgent] = await startRuns(large, 1, 'urgent');
    const [besideMs, urgentMs] = await Promise.all([tookMs(besides as RunId), tookMs(urgent as RunId)]);
    const endedOfCrowd = await countEnded(crowd);
    const times = `alone ${alone.map(Math.round).join(', ')} ms, beside fifty ${Math.round(besideMs)} ms, urgent ${Math.round(urgentMs)} ms`;
    expect(besideMs, times).toBeLessThanOrEqual(2 * Math.max(...alone));
    expect(endedOfCrowd, times).toBeLessThan(runsOfTheLarge / 2);
    expect(urgentMs, times).toBeLessThan(3 * Math.max(...alone));
    for (const runId of crowd) await worker.runs.signalStop(runId, 'the test');
  }, 180_000);
});
