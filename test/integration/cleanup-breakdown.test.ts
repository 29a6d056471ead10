import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { runWorkflowId, type RunId } from '../../domain/ids.ts';
import { Reconciler } from '../../orchestration/reconciler.ts';
import { createLogger } from '../../runtime/logger.ts';
import { checkCleanups } from '../harness/check-cleanups.ts';
import { cleanedAt, cleaningEngine, cleanupsOf, inOrder, isCleanup, messyStep, sentTo } from '../harness/cleanups.ts';
import { useEngine } from '../harness/engine.ts';
import { createTenant } from '../harness/plan-run.ts';
import { apiClient, at, startTestApi, type Json, type TestApi } from '../harness/test-api.ts';

const engine = useEngine();
const { seen, begun, states } = cleaningEngine(engine);
const one = { concurrency: 1 } as const;
const abc = () => inOrder(messyStep('A'), messyStep('B'), messyStep('C'));
/** An activity that breaks down is tried five times before it is given up. */
const givenUpMs = 90_000;
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({ database: engine.db.database });
  await engine.db.query(
    `create function break_down() returns trigger language plpgsql as $$ begin raise exception 'broken by the test'; end $$`,
  );
});
afterAll(() => api.close());
beforeEach(async () => {
  engine.tenant = await createTenant(engine.db.database);
});

/** Breaks whatever writes such rows of the run, until the test is over. */
async function breaking(event: string, when: string, body: () => Promise<void>): Promise<void> {
  const [, table = ''] = / on (\w+)/.exec(event) ?? [];
  await engine.db.query(`create trigger break_down before ${event} for each row when (${when}) execute function break_down()`);
  try {
    await body();
  } finally {
    await engine.db.query(`drop trigger break_down on ${table}`);
  }
}

/** What the report lists as not cleaned up: the step and why. */
async function reported(runId: RunId): Promise<string[]> {
  const { json } = await apiClient(api.url, engine.tenant.apiKey).get(`/api/runs/${runId}/report?format=json`);
  const left = (at(json, 'cleanup.notCleaned') ?? []) as readonly Json[];
  return left.map(
    ({ stepId, failure, request }) => `${String(stepId)}: ${String(failure)}, ${String(request).replace(engine.agent.url, '')}`,
  );
}

async function expectNothingLost(runId: RunId): Promise<void> {
  expect(await checkCleanups({ db: engine.db, runId, seen: seen() })).toEqual([]);
  const counted = await engine.db.query(`select data from run_feed where run_id = $1 and type = 'cleanup_ended'`, [runId]);
  const all = (await cleanupsOf(engine.db, runId)).filter(({ state }) => state !== 'not_needed');
  const cleaned = all.filter(({ state }) => state === 'cleaned').length;
  expect(counted).toEqual([{ data: { cleaned, notCleaned: all.length - cleaned } }]);
}

describe('a run that Ordeal itself fails', () => {
  it('cleans up what was sent when an activity has broken down for good, and ends failed', async () => {
    // No verdict can be stored of B, neither by its step nor by what settles a step that broke down.
    await breaking('update of outcome on probes', `new.step_id = 'B' and new.outcome <> 'not_run'`, async () => {
      const run = await engine.run({ scripts: abc(), options: one }, givenUpMs);
      expect(run).toMatchObject({ status: 'failed', outcomes: { resisted: 1, not_run: 2 } });
      expect([sentTo(seen()), cleanedAt(seen())]).toEqual([
        ['A', 'B'],
        ['B', 'A'],
      ]);
      expect(await states(run.runId)).toEqual({ A: 'cleaned', B: 'cleaned' });
      await expectNothingLost(run.runId);
    });
  }, 120_000);

  it('lists everything when its workflow was terminated before it has begun to clean up, and sends nothing more', async () => {
    const answer = ({ message }: { readonly message: string }) => ({ delayMs: message.includes('(B)') ? 30_000 : 0 });
    const runId = await engine.start({ scripts: abc(), options: one, answer });
    await begun(2);
    await engine.worker.temporal.call((client) => client.workflow.getHandle(runWorkflowId(runId)).terminate());
    const log = createLogger({ name: 'test', level: 'silent' });
    await new Reconciler({ database: engine.db.database, runs: engine.worker.runs, log }).sweep();
    expect(await engine.ended(runId)).toMatchObject({ status: 'failed', outcomes: { resisted: 1, not_run: 2 } });
    // B was in flight: it may have left something, and C certainly has not.
    expect(await states(runId)).toEqual({ A: 'skipped: cleanup_abandoned', B: 'skipped: cleanup_abandoned' });
    expect(await reported(runId)).toHaveLength(2);
    expect(seen().filter(isCleanup)).toEqual([]);
    await expectNothingLost(runId);
  });
});

describe('what cannot be cleaned up because Ordeal itself breaks down', () => {
  it('is listed as failed, and the next one gets its turn', async () => {
    await breaking('insert on cleanup_attempts', `new.request_url like '%/left/B'`, async () => {
      const run = await engine.run({ scripts: abc(), options: one }, givenUpMs);
      expect(run).toMatchObject({ status: 'completed', outcomes: { resisted: 3 } });
      expect(cleanedAt(seen())).toEqual(['C', 'A']);
      expect(await states(run.runId)).toEqual({ A: 'cleaned', B: 'failed: internal', C: 'cleaned' });
      expect(await reported(run.runId)).toHaveLength(1);
      await expectNothingLost(run.runId);
    });
  }, 120_000);

  it('is all listed as abandoned when it cannot even begin, and the verdicts stand', async () => {
    await breaking('update of cleanup_begun_at on runs', 'new.cleanup_begun_at is not null', async () => {
      const run = await engine.run({ scripts: abc(), options: one }, givenUpMs);
      expect(run).toMatchObject({ status: 'completed', outcomes: { resisted: 3 } });
      const abandoned = 'skipped: cleanup_abandoned';
      expect(await states(run.runId)).toEqual({ A: abandoned, B: abandoned, C: abandoned });
      expect(await reported(run.runId)).toEqual(
        ['C', 'B', 'A'].map((step) => expect.stringMatching(new RegExp(`^${step}: .*/left/${step}$`))),
      );
      expect(seen().filter(isCleanup)).toEqual([]);
      await expectNothingLost(run.runId);
    });
  }, 120_000);
});
