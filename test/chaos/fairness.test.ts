import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { RunId } from '../../domain/ids.ts';
import type { RunPriority } from '../../domain/run-priority.ts';
import { startScriptedAgent, type ScriptedAgent, type SeenRequest } from '../fakes/scripted-agent.ts';
import { createTarget, createTenant, planRun, targetAt, testScripts, type TestTenant } from '../harness/plan-run.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { startTestWorker, type TestWorker } from '../harness/test-worker.ts';
import { waitUntil } from '../harness/wait-until.ts';

/** Far fewer than the runs of the large organization ask for. */
const workerConcurrency = 24;
/** Long enough for places, and not the processor of the machine, to be what is short. */
const answerAfterMs = 600;
const runsOfTheLarge = 50;
/** Of every run: scripts go side by side, steps one after the other. */
const scripts = 4;
const steps = 4;
/** By the agent's own count, so that a machine that is slow or stands still makes no difference: what it answers in the time of one answer. */
const answersInATurn = workerConcurrency;
/** A run that waits for nobody takes a turn for each step. */
const answersInItsTimeAlone = steps * answersInATurn;

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
  const definition = targetAt(agent.url, { concurrency: 100, timeoutMs: 60_000 });
  const targetId = await createTarget(db.database, tenant, definition);
  const plan = { tenant, targetId, definition, scripts: testScripts(scripts, steps), priority };
  const runIds = await Promise.all(Array.from({ length: count }, () => planRun(db.database, plan)));
  await Promise.all(runIds.map((runId) => worker.runs.start(tenant.orgId, runId)));
  return runIds;
}

/** Waits for the end of a run that was just started; tells what others were asked from its start to its last request. */
async function overtakenBy(runId: RunId): Promise<number> {
  const startedAt = agent.seen.length;
  const isOwn = (request: SeenRequest) => request.headers['x-ordeal-run-id'] === runId;
  await waitUntil(
    `the end of ${runId}`,
    async () => (await db.query("select from runs where run_id = $1 and status = 'completed'", [runId])).length > 0,
    90_000,
  );
  const lastAt = agent.seen.findLastIndex(isOwn);
  return agent.seen.slice(startedAt, lastAt).filter((request) => !isOwn(request)).length;
}

const requestsOf = (count: number) => waitUntil(`${count} requests`, async () => agent.seen.length >= count);

describe('with one organization of fifty runs and one of a single run', () => {
  it('the single one waits no longer than twice its time alone, and an urgent run of the large one overtakes its normal ones', async (context) => {
    const [large, small] = await Promise.all([createTenant(db.database, 'Large'), createTenant(db.database, 'Small')]);
    const crowd = await startRuns(large, runsOfTheLarge);
    await requestsOf(50);
    const [single] = await startRuns(small, 1);
    const besideSingle = overtakenBy(single as RunId);
    const [urgent] = await startRuns(large, 1, 'urgent');
    const besideUrgent = overtakenBy(urgent as RunId);
    const [ofSingle, ofUrgent] = await Promise.all([besideSingle, besideUrgent]);
    await context.annotate(`others were asked ${ofSingle} times during the single run, and ${ofUrgent} times during the urgent one`);
    expect(ofSingle).toBeLessThanOrEqual(2 * answersInItsTimeAlone);
    expect(ofUrgent).toBeLessThanOrEqual(3 * answersInItsTimeAlone);
    for (const runId of crowd) await worker.runs.signalStop(runId, 'the test');
  }, 180_000);
});
