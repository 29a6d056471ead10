import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { insertPrompts } from '../../db/prompt-pool/insert-prompts.ts';
import { lockPromptPools } from '../../db/prompt-pool/lock-prompt-pools.ts';
import { promptWantsOf } from '../../db/runs/plan-probes.ts';
import { withOrg } from '../../db/with-org.ts';
import type { Intensity } from '../../domain/generation/intensity.ts';
import type { RunId, TargetId } from '../../domain/ids.ts';
import type { ScriptDefinition } from '../../domain/script.ts';
import { createTarget, createTenant, planRun, targetAt, testScripts, testStep, type TestTenant } from '../harness/plan-run.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';

let db: TestDatabase;
let tenant: TestTenant;
let targetId: TargetId;
const definition = targetAt('https://agent.example.com/chat');
const style = 'urgent_incident';

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  tenant = await createTenant(db.database);
  targetId = await createTarget(db.database, tenant, definition);
});

interface Plan {
  readonly scripts?: readonly ScriptDefinition[];
  readonly intensity?: Intensity;
  readonly styles?: readonly string[];
  readonly seed?: string | null;
}

function plan({ scripts = testScripts(1, 1), intensity = 'low', styles = [style], seed = null }: Plan = {}): Promise<RunId> {
  return planRun(db.database, { tenant, targetId, definition, scripts, variety: { intensity, styles, seed } });
}

async function promptsOf(runId: RunId): Promise<readonly string[]> {
  const rows = await db.query<{ prompt: string }>(
    `select step->>'prompt' as prompt from probes where run_id = $1 order by sequence_no, position`,
    [runId],
  );
  return rows.map(({ prompt }) => prompt);
}

interface PoolRow {
  readonly prompt: string;
  readonly source: string;
  readonly no: number;
  readonly usedAt: Date | null;
}

function pool(): Promise<PoolRow[]> {
  return db.query<PoolRow>(
    'select prompt, source, prompt_no as no, last_used_at as "usedAt" from prompt_pool where org_id = $1 order by step_id, prompt_no',
    [tenant.orgId],
  );
}

/** Puts so many prompts of our own into the pool of every step. */
async function stock(scripts: readonly ScriptDefinition[], count: number): Promise<void> {
  const planned = scripts.map((script) => ({ slug: script.slug, version: 1, definition: script }));
  await withOrg(db.database, tenant.orgId, async (tx) => {
    await lockPromptPools(tx, tenant.orgId);
    const wants = promptWantsOf(planned, { intensity: 'low', styles: [style], seed: null });
    const rows = wants.flatMap(({ goal }) =>
      Array.from({ length: count }, (_, index) => ({
        goal,
        style,
        promptNo: index + 1,
        isUsed: false,
        prompt: `${goal.stepId} stocked ${index + 1}: {{canary.left}} {{canary.right}}`,
        source: 'model/test',
        seed: 'test',
      })),
    );
    await insertPrompts(tx, tenant.orgId, rows);
  });
}

describe('the pool of a goal and style', () => {
  it('is filled by the engine when it is empty, deep enough that the next runs take others', async () => {
    const [first] = await promptsOf(await plan());
    const stored = await pool();
    expect([stored.length, stored[0]?.prompt, stored.map(({ source }) => source)]).toEqual([
      3,
      first,
      ['engine/1', 'engine/1', 'engine/1'],
    ]);
    expect(stored.map(({ usedAt }) => usedAt !== null)).toEqual([true, false, false]);
  });

  it('gives the least recently used first: what was never used, and then what was used longest ago', async () => {
    const taken: string[] = [];
    for (let run = 0; run < 6; run += 1) taken.push(...(await promptsOf(await plan())));
    expect(new Set(taken.slice(0, 3)).size).toBe(3);
    expect(taken.slice(3)).toEqual(taken.slice(0, 3));
    expect(await pool()).toHaveLength(3);
  });

  it('is filled up with what is missing when it is short, and what is made is stored', async () => {
    const scripts = testScripts(1, 1);
    await stock(scripts, 1);
    const prompts = await promptsOf(await plan({ scripts, intensity: 'high' }));
    const stored = await pool();
    expect(prompts).toEqual(stored.map(({ prompt }) => prompt));
    expect(stored.map(({ source, no }) => [source, no])).toEqual([
      ['model/test', 1],
      ['engine/1', 2],
      ['engine/1', 3],
    ]);
  });

  it('is another one when the author changes the prompt', async () => {
    await plan();
    const changed = testScripts(1, 1, { prompt: 'Say {{canary}}.' });
    const [prompt] = await promptsOf(await plan({ scripts: changed }));
    expect(prompt).toContain('{{canary}}');
    expect(await pool()).toHaveLength(6);
  });

  it('gives the plain style paraphrases beside the prompt as written, which is always the first variant', async () => {
    const scripts = testScripts(1, 1);
    const prompts = await promptsOf(await plan({ scripts, styles: ['plain'], intensity: 'high' }));
    expect([prompts[0], new Set(prompts).size]).toEqual([testStep('T1-1').prompt, 3]);
    for (const prompt of prompts) expect(prompt).toContain('{{canary.left}}');
  });

  it('moves nothing when the run is not planned after all', async () => {
    await plan();
    const before = await pool();
    const scripts = testScripts(1, 1);
    // The same script twice breaks the key of the probes, after their prompts were taken.
    await expect(plan({ scripts: [...scripts, ...scripts] })).rejects.toThrow();
    expect(await pool()).toEqual(before);
  });
});

describe('twenty planners at once', () => {
  const planners = 20;
  const together = (make: (index: number) => Promise<RunId>) => Promise.all(Array.from({ length: planners }, (_, index) => make(index)));

  it('share a stock that is just enough: each prompt is used once, and none is made', async () => {
    const scripts = testScripts(2, 3);
    await stock(scripts, planners * 2);
    // In opposite orders, in which locks that are waited for would deadlock.
    const runs = await together((index) => plan({ scripts: index % 2 === 0 ? scripts : scripts.toReversed(), intensity: 'medium' }));
    const taken = (await Promise.all(runs.map(promptsOf))).flat();
    expect(taken).toHaveLength(planners * 2 * 6);
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken.filter((prompt) => !prompt.includes('stocked'))).toEqual([]);
    expect((await pool()).filter(({ usedAt }) => usedAt === null)).toEqual([]);
  });

  it('fill an empty pool without a prompt that is there twice, and none waits for ever', async () => {
    const scripts = testScripts(2, 3);
    const runs = await together((index) => plan({ scripts: index % 2 === 0 ? scripts : scripts.toReversed(), intensity: 'high' }));
    for (const prompts of await Promise.all(runs.map(promptsOf))) expect(new Set(prompts).size).toBe(18);
    const stored = await pool();
    expect(new Set(stored.map(({ prompt }) => prompt)).size).toBe(stored.length);
    expect(stored.length).toBeLessThanOrEqual(planners * 18);
  });

  it('with one seed have one plan, and those without go on beside them', async () => {
    const scripts = testScripts(1, 4);
    const runs = await together((index) => plan({ scripts, intensity: 'high', seed: index % 2 === 0 ? 'fixed' : null }));
    const hashes = await db.query<{ hash: string }>('select plan_hash as hash from runs where run_id = any($1)', [
      runs.filter((_, index) => index % 2 === 0),
    ]);
    expect(new Set(hashes.map(({ hash }) => hash)).size).toBe(1);
  });
});
