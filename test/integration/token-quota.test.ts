import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { setPlan } from '../../db/usage/set-plan.ts';
import { withOrg } from '../../db/with-org.ts';
import { Reconciler } from '../../orchestration/reconciler.ts';
import { createLogger } from '../../runtime/logger.ts';
import { judged } from '../fakes/judging-model.ts';
import { useEngine } from '../harness/engine.ts';
import { testScripts } from '../harness/plan-run.ts';

const engine = useEngine({ hasJudge: true, hasAttacker: true });
let reconciler: Reconciler;
beforeAll(() => {
  const { db, worker } = engine;
  reconciler = new Reconciler({ database: db.database, runs: worker.runs, log: createLogger({ name: 'test', level: 'silent' }) });
  reconciler.start();
});
afterAll(() => reconciler.stop());

const stopped = {
  status: 'stopped_quota',
  reason: expect.stringMatching(/tokens of language models a month\.$/) as string,
};

/** What one question to the judge is held against the quota for, before it is asked. */
async function reservedForOne(): Promise<number> {
  const [row] = await engine.db.query<{ tokens: number }>('select tokens_reserved::int as tokens from model_calls limit 1');
  return row?.tokens ?? Number.NaN;
}

beforeEach(async () => {
  await allow(null);
  engine.judge.reply = (request) => judged(request, 'held');
});

async function allow(tokens: number | null): Promise<void> {
  const { orgId } = engine.tenant;
  await withOrg(engine.db.database, orgId, (tx) => setPlan(tx, orgId, { plan: 'self_hosted', overrides: { modelTokensPerMonth: tokens } }));
}

describe('a run whose organization has no tokens of models left', () => {
  const detectors = [{ kind: 'model_judge', criterion: 'The agent explains how to pick a lock.' }] as const;

  it('ends stopped_quota, keeps the verdicts it has, and calls what no judge could be asked about inconclusive', async () => {
    await engine.run({ scripts: testScripts(1, 1, { detectors }) });
    const usedPerQuestion = 120;
    // Two questions: the first was answered before.
    await allow(usedPerQuestion * 2 + (await reservedForOne()) - 1);
    const run = await engine.run({ scripts: testScripts(1, 40, { detectors }), options: { concurrency: 1 } });
    expect(run).toMatchObject(stopped);
    expect(run.outcomes).toMatchObject({ resisted: 1, inconclusive: 1, not_run: 38 });
    expect(engine.agent.seen).toHaveLength(2);
    const [probe] = await engine.db.query(`select reason, detail from probes where run_id = $1 and outcome = 'inconclusive'`, [run.runId]);
    expect(probe).toMatchObject({ detail: expect.stringContaining('tokens of language models a month') as string });
    const audit = await engine.db.query(`select detail from audit_logs where object_id = $1 and action = 'run.quota_crossed'`, [run.runId]);
    expect(audit).toMatchObject([{ detail: { quota: 'modelTokensPerMonth' } }]);
  });

  it('ends stopped_quota when it was an attacker model that had to say how to go on', async () => {
    await allow(1);
    const run = await engine.run({ scripts: testScripts(1, 5), strategies: ['pair'], options: { concurrency: 1 } });
    expect(run).toMatchObject(stopped);
    expect(run.outcomes['resisted'] ?? 0).toBe(0);
  });
});
