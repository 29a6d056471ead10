import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { planHash, planRowHash } from '../../domain/generation/plan-hash.ts';
import type { PlanRow } from '../../domain/generation/plan-row.ts';
import type { RunId } from '../../domain/ids.ts';
import { sha256Hex } from '../../runtime/sha256.ts';
import { startCli } from '../harness/cli-process.ts';
import { useEngine, type RunSpec } from '../harness/engine.ts';
import { createTarget, createTenant, planRun, scriptsOf, targetAt, testScripts, testStep } from '../harness/plan-run.ts';
import { apiClient, startTestApi, type ApiClient, type Json, type TestApi } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const engine = useEngine();
let api: TestApi;
let client: ApiClient;

beforeAll(async () => {
  api = await startTestApi({ database: engine.db.database, taskQueue: engine.worker.taskQueue, allowPorts: [engine.agent.port] });
  client = apiClient(api.url, engine.tenant.apiKey);
});
afterAll(() => api.close());

const options = { maxAttempts: 1, circuitBreakerThreshold: 1_000 };

/** A run in which the steps with these ids come to nothing. */
function runWithFaults(faulty: readonly string[], spec: Partial<RunSpec> = {}) {
  const answer = ({ message }: { readonly message: string }) => (faulty.some((id) => message.includes(`(${id})`)) ? { status: 422 } : {});
  return engine.run({ scripts: testScripts(2, 2), options, answer, ...spec });
}

async function deadLetters(query: string): Promise<readonly Json[]> {
  const answer = await client.get(`/api/dead-letters?limit=100&${query}`);
  expect(answer.status).toBe(200);
  return answer.json['items'] as readonly Json[];
}

const deadSteps = async (query: string) => (await deadLetters(query)).map((letter) => String(letter['stepId'])).toSorted();

async function retry(runId: RunId): Promise<RunId> {
  const answer = await client.post(`/api/runs/${runId}/retry`);
  expect([answer.status, answer.json['detail']]).toEqual([202, undefined]);
  expect(answer.json['retryOf']).toBe(runId);
  return answer.json['runId'] as RunId;
}

/** Plan rows by what may not differ between a probe and its retry. */
function planOf(runId: RunId) {
  return engine.db.query<Json>(
    `select p.step_id, p.variant_no, p.style, p.strategy, p.prompt_source, p.prompt_variant, p.seed, p.step from probes p
     where p.run_id = $1 order by p.sequence_no, p.position`,
    [runId],
  );
}

function hashOfPlan(rows: readonly Json[]): string {
  return planHash(
    rows.map((row) => planRowHash(row as unknown as PlanRow, sha256Hex)),
    sha256Hex,
  );
}

describe('a retry of a run', () => {
  it('asks again what came to nothing and nothing else, with the same prompts and seeds, and says of which run', async () => {
    const first = await runWithFaults(['T1-2', 'T2-1']);
    expect(first.outcomes).toEqual({ resisted: 2, inconclusive: 2 });
    engine.agent.seen.length = 0;
    engine.answerWith(() => ({}));
    const second = await retry(first.runId);
    expect(await engine.ended(second)).toMatchObject({ status: 'completed', outcomes: { resisted: 2 } });
    expect(engine.agent.seen).toHaveLength(2);
    const wanted = (await planOf(first.runId)).filter((row) => ['T1-2', 'T2-1'].includes(String(row['step_id'])));
    expect(await planOf(second)).toEqual(wanted);
    const { json } = await client.get(`/api/runs?retryOf=${first.runId}`);
    expect((json['items'] as readonly Json[]).map(({ runId }) => runId)).toEqual([second]);
  });

  it('leaves alone what has a verdict, an attack that worked no less than one that did not', async () => {
    const scripts = scriptsOf(testStep('V'), testStep('R'), testStep('I'));
    const answer = ({ message }: { readonly message: string }) => {
      if (message.includes('(I)')) return { status: 422 };
      const [, left = '', right = ''] = /Join (\S+) and (\S+) /.exec(message) ?? [];
      return message.includes('(V)') ? { reply: left + right } : {};
    };
    const first = await engine.run({ scripts, options, answer });
    expect(first.outcomes).toEqual({ vulnerable: 1, resisted: 1, inconclusive: 1 });
    expect(await deadSteps(`runId=${first.runId}`)).toEqual(['I']);
    const second = await retry(first.runId);
    await engine.ended(second);
    expect((await planOf(second)).map((row) => row['step_id'])).toEqual(['I']);
  });

  it('keeps priority and options, within what holds now, and goes to the target as it is now', async () => {
    const { db, tenant, agent } = engine;
    const definition = targetAt(`${agent.url}?was`);
    const targetId = await createTarget(db.database, tenant, definition);
    const given = { ...options, concurrency: 3, maxDurationMinutes: 45 };
    const plan = { tenant, targetId, definition, scripts: testScripts(1, 1), options: given, priority: 'urgent' } as const;
    const first = await planRun(db.database, plan);
    engine.answerWith(() => ({ status: 422 }));
    await engine.worker.runs.start(tenant.orgId, first);
    await engine.ended(first);
    await db.query(`update targets set definition = jsonb_set(definition, '{url}', to_jsonb($2::text)) where target_id = $1`, [
      targetId,
      `${agent.url}?is`,
    ]);
    agent.seen.length = 0;
    engine.answerWith(() => ({}));
    const second = await retry(first);
    await engine.ended(second);
    expect(agent.seen.map(({ path }) => path)).toEqual(['/chat?is']);
    const { json } = await client.get(`/api/runs/${second}`);
    expect(json).toMatchObject({ priority: 'urgent', options: { ...given, maxDurationMinutes: 30 } });
    const audited = await db.query(`select detail from audit_logs where object_id = $1 and action = 'run.retry'`, [second]);
    expect(audited).toMatchObject([{ detail: { retryOf: first, targetId, probes: 1 } }]);
  });

  it('has a plan whose hash can be worked out from its rows', async () => {
    const first = await runWithFaults(['T1-2', 'T2-1'], { strategies: ['plain', 'base64'] });
    const second = await retry(first.runId);
    await engine.ended(second);
    const rows = (await client.get(`/api/runs/${second}/plan?limit=100`)).json['items'] as readonly Json[];
    const { planHash } = (await client.get(`/api/runs/${second}`)).json;
    expect(hashOfPlan(rows)).toBe(planHash);
    const dead = (await planOf(first.runId)).filter((row) => ['T1-2', 'T2-1'].includes(String(row['step_id'])));
    expect(dead).toEqual(expect.arrayContaining(await planOf(second)));
    expect(rows.length).toBeGreaterThan(0);
  });

  it('of a step that calls on an agreement brings the steps that made it, which take up nothing', async () => {
    const agreeing = (id: string) => testStep(id, { prompt: `We agree on {{marker}}. Join {{canary.left}} and {{canary.right}} (${id})` });
    const steps = [agreeing('A-1'), testStep('A-2'), agreeing('A-3')];
    const scripts = [{ slug: 'A', title: 'A', description: '', steps }];
    const first = await runWithFaults(['A-3'], { scripts });
    engine.answerWith(() => ({}));
    const second = await retry(first.runId);
    expect((await engine.ended(second)).outcomes).toEqual({ resisted: 2 });
    const rows = await engine.db.query('select step_id, retry_of is null as extra from probes where run_id = $1 order by position', [
      second,
    ]);
    expect(rows).toEqual([
      { step_id: 'A-1', extra: true },
      { step_id: 'A-3', extra: false },
    ]);
  });

  it('is refused for a live run, for one with nothing left, and for one of others', async () => {
    const spec = { scripts: testScripts(1, 1), answer: () => ({ delayMs: 5_000 }) };
    const live = await engine.start(spec);
    const refused = await client.post(`/api/runs/${live}/retry`);
    expect([refused.status, refused.json['detail']]).toEqual([409, expect.stringContaining('has not ended')]);
    await engine.ended(live);
    expect((await client.post(`/api/runs/${live}/retry`)).status).toBe(409);
    const other = apiClient(api.url, (await createTenant(engine.db.database)).apiKey);
    const { runId } = await runWithFaults(['T1-1']);
    expect((await other.post(`/api/runs/${runId}/retry`)).status).toBe(404);
    expect((await other.get(`/api/dead-letters?runId=${runId}`)).json['items']).toEqual([]);
    expect((await other.post('/api/dead-letters/retry', { runId })).json).toEqual({ runs: [], hasMore: false });
  });

  it('happens once, however many ask at the same time', async () => {
    const { runId } = await runWithFaults(['T1-1']);
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.post(`/api/runs/${runId}/retry`)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
    const rows = await engine.db.query('select 1 from runs where retry_of = $1', [runId]);
    expect(rows).toHaveLength(1);
  });
});

describe('dead letters', () => {
  it('are probes without a verdict, until a retry has decided them; one that came to nothing again stands for them', async () => {
    const { runId } = await runWithFaults(['T1-2', 'T2-1']);
    expect(await deadSteps(`runId=${runId}`)).toEqual(['T1-2', 'T2-1']);
    const second = await retry(runId);
    await engine.ended(second);
    // The agent still fails at both.
    expect(await deadSteps(`runId=${runId}`)).toEqual([]);
    expect(await deadSteps(`runId=${second}`)).toEqual(['T1-2', 'T2-1']);
    engine.answerWith(() => ({}));
    await engine.ended(await retry(second));
    expect(await deadSteps(`runId=${second}`)).toEqual([]);
  });

  it('are those of runs that have ended alone', async () => {
    const answer = ({ message }: { readonly message: string }) => (message.includes('(T1-1)') ? { status: 422 } : { delayMs: 8_000 });
    const runId = await engine.start({ scripts: testScripts(2, 1), options, answer });
    await waitUntil('a probe without a verdict', async () => (await engine.outcomes(runId))['inconclusive'] === 1);
    expect(await deadSteps(`runId=${runId}`)).toEqual([]);
    await engine.ended(runId);
    expect(await deadSteps(`runId=${runId}`)).toEqual(['T1-1']);
  });

  it('tell by which live run they are being retried', async () => {
    const { runId } = await runWithFaults(['T1-1']);
    engine.answerWith(() => ({ delayMs: 5_000 }));
    const second = await retry(runId);
    expect((await deadLetters(`runId=${runId}`)).map(({ retryRunId }) => retryRunId)).toEqual([second]);
    await engine.ended(second);
    expect(await deadLetters(`runId=${runId}`)).toEqual([]);
  });

  it('are found by script, category, outcome, reason, failure and time, page by page', async () => {
    const { runId } = await runWithFaults(['T1-1', 'T1-2', 'T2-1']);
    const [letter] = await deadLetters(`runId=${runId}&script=T2`);
    expect(letter).toMatchObject({ stepId: 'T2-1', outcome: 'inconclusive', failure: 'target_config_invalid', category: 'INJ-01' });
    const steps = (query: string) => deadSteps(`runId=${runId}&${query}`);
    expect(await steps('script=T1')).toEqual(['T1-1', 'T1-2']);
    expect(await steps('category=INJ-01')).toHaveLength(3);
    expect(await steps('category=INJ-02')).toEqual([]);
    expect(await steps('outcome=not_run')).toEqual([]);
    expect(await steps('failure=target_config_invalid')).toHaveLength(3);
    expect(await steps('failure=connect_refused')).toEqual([]);
    const misspelt = await client.get('/api/dead-letters?failure=connect_refusd');
    expect([misspelt.status, misspelt.json['issues']]).toMatchObject([400, [{ field: 'query.failure' }]]);
    expect(await steps(`reason=${String(letter?.['reason'])}`)).toHaveLength(3);
    expect(await steps('since=2999-01-01T00:00:00Z')).toEqual([]);
    expect(await steps(`projectId=${engine.tenant.projectId}`)).toHaveLength(3);
    const page = (await client.get(`/api/dead-letters?limit=2&runId=${runId}`)).json;
    const rest = (await client.get(`/api/dead-letters?limit=2&runId=${runId}&cursor=${String(page['nextCursor'])}`)).json;
    const ids = [page, rest].flatMap(({ items }) => (items as readonly Json[]).map(({ probeId }) => String(probeId)));
    expect([ids.length, new Set(ids).size, rest['nextCursor']]).toEqual([3, 3, null]);
    expect(ids).toEqual(ids.toSorted().toReversed());
  });

  it('are retried by filter: those that match alone, a new run for each run', async () => {
    const first = await runWithFaults(['T1-1', 'T2-1']);
    const second = await runWithFaults(['T1-1', 'T2-1']);
    engine.answerWith(() => ({}));
    const filter = { script: 'T1', since: new Date(0).toISOString() };
    const one = await client.post('/api/dead-letters/retry', { ...filter, maxRuns: 1 });
    expect([one.status, one.json['hasMore']]).toEqual([202, true]);
    const [newest] = one.json['runs'] as readonly Json[];
    expect(newest?.['retryOf']).toBe(second.runId);
    await engine.ended(newest?.['runId'] as RunId);
    const two = await client.post('/api/dead-letters/retry', { ...filter, runId: first.runId });
    const [other] = two.json['runs'] as readonly Json[];
    await engine.ended(other?.['runId'] as RunId);
    expect(await deadSteps(`runId=${first.runId}`)).toEqual(['T2-1']);
    expect(await deadSteps(`runId=${second.runId}`)).toEqual(['T2-1']);
    expect((await client.post('/api/dead-letters/retry', { ...filter, runId: first.runId })).json).toEqual({ runs: [], hasMore: false });
  });
});

describe('on the command line', () => {
  const ordeal = (...args: readonly string[]) => startCli(args, { ORDEAL_URL: api.url, ORDEAL_API_KEY: engine.tenant.apiKey }).ended;

  it('dead letters are listed and retried, and a retry exits by what came of it', async () => {
    const { runId } = await runWithFaults(['T1-1', 'T2-1']);
    const listed = await ordeal('dead-letters', '--run', runId, '--script', 'T1');
    expect(listed.stdout).toMatch(new RegExp(`prb_\\w+ +${runId} +T1-1 +inconclusive +target_config_invalid +-\n$`));
    engine.answerWith(() => ({}));
    const filtered = await ordeal('dead-letters', 'retry', '--run', runId, '--script', 'T1');
    expect([filtered.code, filtered.stdout]).toEqual([0, expect.stringMatching(/^run_\w+\n$/)]);
    const retried = await ordeal('retry', runId);
    expect([retried.code, retried.stdout]).toEqual([0, expect.stringContaining('PASSED')]);
    expect(await ordeal('retry', runId)).toMatchObject({ code: 2, stderr: expect.stringContaining('has nothing to retry') as string });
    await engine.ended(filtered.stdout.trim() as RunId);
    expect((await ordeal('dead-letters', '--run', runId)).stdout).toBe('No dead letters.\n');
  });
});
