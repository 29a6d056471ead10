import { beforeEach, describe, expect, it } from 'vitest';

import { requestStop } from '../../db/runs/request-stop.ts';
import { withOrg } from '../../db/with-org.ts';
import { runWorkflowId } from '../../domain/ids.ts';
import { cleanedAt, cleaningEngine, cleanupsOf, inOrder, isCleanup, messyStep, sentTo } from '../harness/cleanups.ts';
import { useEngine } from '../harness/engine.ts';
import { createTenant, targetAt, testConversation, testStep } from '../harness/plan-run.ts';

const engine = useEngine();
const { seen, begun, cleaning, states, stop } = cleaningEngine(engine);
const one = { concurrency: 1 } as const;

beforeEach(async () => {
  engine.tenant = await createTenant(engine.db.database);
});

describe('what a run cleans up', () => {
  it('is what was sent, in reverse order, when it has finished', async () => {
    const steps = [messyStep('A'), testStep('B'), messyStep('C'), messyStep('D')];
    const run = await engine.run({ scripts: inOrder(...steps), options: one });
    expect(run).toMatchObject({ status: 'completed', outcomes: { resisted: 4 } });
    expect([sentTo(seen()), cleanedAt(seen())]).toEqual([
      ['A', 'B', 'C', 'D'],
      ['D', 'C', 'A'],
    ]);
    expect(seen().slice(0, 4).some(isCleanup)).toBe(false);
    expect(await states(run.runId)).toEqual({ A: 'cleaned', C: 'cleaned', D: 'cleaned' });
  });

  it('is what was sent before a stop, which a second stop beforehand does not change', async () => {
    const runId = await engine.start({
      scripts: inOrder(messyStep('A'), messyStep('B'), messyStep('C')),
      options: one,
      answer: (request) => ({ delayMs: request.message.includes('(B)') ? 30_000 : 0 }),
    });
    await begun(2);
    // Before the workflow hears of it: it cannot have begun to clean up.
    expect((await Promise.all([stop(runId), stop(runId)])).toSorted()).toEqual(['already_stopping', 'stopping']);
    await engine.worker.runs.signalStop(runId, 'a person');
    expect(await engine.ended(runId)).toMatchObject({ status: 'stopped', outcomes: { resisted: 1, not_run: 2 } });
    // The one that was aborted may have arrived.
    expect(cleanedAt(seen())).toEqual(['B', 'A']);
  });

  it('is what was sent before the cap', async () => {
    const answer = ({ message }: { message: string }) => ({ delayMs: message.includes('(B)') ? 60_000 : 0 });
    const scripts = inOrder(messyStep('A'), messyStep('B'), messyStep('C'));
    const run = await engine.run({ scripts, options: { ...one, maxDurationMinutes: 0.2 }, target: { timeoutMs: 60_000 }, answer });
    expect([run.status, cleanedAt(seen())]).toEqual(['stopped_quota', ['B', 'A']]);
  });

  it('is what was sent before a quota was crossed', async () => {
    const runId = await engine.start({
      scripts: inOrder(messyStep('A'), messyStep('B')),
      options: one,
      answer: (request) => ({ delayMs: request.message.includes('(A)') ? 30_000 : 0 }),
    });
    await begun(1);
    const { orgId } = engine.tenant;
    const quotaCrossed = { quota: 'eventsPerRun', limit: 1, used: 2 } as const;
    await withOrg(engine.db.database, orgId, (tx) => requestStop(tx, { orgId, runId, requestedBy: 'the quota', quotaCrossed }));
    await engine.worker.runs.signalStop(runId, 'the quota');
    const run = await engine.ended(runId);
    expect([run.status, cleanedAt(seen())]).toEqual(['stopped_quota', ['A']]);
  });

  it('is what was sent before the circuit breaker opened', async () => {
    const run = await engine.run({
      scripts: inOrder(messyStep('A'), messyStep('B'), messyStep('C')),
      options: { ...one, maxAttempts: 1, circuitBreakerThreshold: 2 },
      answer: (request) => (isCleanup(request) ? {} : { status: 500 }),
    });
    expect([run.status, run.outcomes, cleanedAt(seen())]).toEqual(['incomplete', { inconclusive: 2, not_run: 1 }, ['B', 'A']]);
  });

  it('is what was sent before the workflow was cancelled', async () => {
    const runId = await engine.start({
      scripts: inOrder(messyStep('A'), messyStep('B')),
      options: one,
      answer: (request) => ({ delayMs: request.message.includes('(A)') ? 30_000 : 0 }),
    });
    await begun(1);
    await engine.worker.temporal.call((client) => client.workflow.getHandle(runWorkflowId(runId)).cancel());
    const run = await engine.ended(runId);
    expect([run.status, cleanedAt(seen())]).toEqual(['stopped', ['A']]);
  });

  it('leaves out what never left', async () => {
    // Nobody listens there, and the egress would not let it through either.
    const definition = targetAt('http://127.0.0.1:9/chat');
    const run = await engine.run({ scripts: inOrder(messyStep('A')), definition, options: { maxAttempts: 1 } });
    expect([run.outcomes, await states(run.runId)]).toEqual([{ inconclusive: 1 }, {}]);
  });

  it('is once for a step of several turns, and once for each session that it names', async () => {
    const cleanup = { method: 'POST', path: '/reset', body: { session: '{{session}}', canary: '{{canary}}' } } as const;
    const conversation = testConversation('A', 3, { cleanup });
    // The end of the second turn is not known, so the conversation is begun again in a fresh session.
    const answer = (_: unknown, number: number) => ({ isCut: number === 2 });
    const run = await engine.run({ scripts: inOrder(conversation), answer });
    expect(run.outcomes).toEqual({ resisted: 1 });
    const bodies = seen()
      .filter(isCleanup)
      .map(({ body }) => JSON.parse(body) as { session: string; canary: string });
    const sessions = [...new Set(seen().flatMap((request) => (isCleanup(request) ? [] : [request.session])))];
    expect(bodies.map(({ session }) => session)).toEqual(sessions.toReversed());
    expect([sessions.length, new Set(bodies.map(({ canary }) => canary)).size]).toEqual([2, 1]);
  });
});

describe('a request that cleans up', () => {
  it('is an own ledger row before it is sent, under the same key however often it is tried', async () => {
    let tries = 0;
    const run = await engine.run({
      scripts: inOrder(messyStep('A', {}, { method: 'POST', body: { probe: '{{probe}}', run: '{{run}}' }, headers: { 'x-why': 'tidy' } })),
      answer: (request) => (isCleanup(request) ? { status: (tries += 1) === 1 ? 429 : 204, headers: { 'retry-after': '1' } } : {}),
    });
    const [first, second] = seen().filter(isCleanup);
    const [cleanup] = await cleanupsOf(engine.db, run.runId);
    expect([first?.headers['idempotency-key'], second?.headers['idempotency-key']]).toEqual([cleanup?.cleanup_id, cleanup?.cleanup_id]);
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(JSON.parse(second?.body ?? '')).toEqual({ probe: seen()[0]?.probeId, run: run.runId });
    expect([second?.headers['x-why'], second?.headers['x-ordeal-run-id']]).toEqual(['tidy', run.runId]);
    const rows = await engine.db.query<{ id: string; state: string; opened_at: Date }>(
      'select cleanup_attempt_id as id, state, opened_at from cleanup_attempts where run_id = $1 order by attempt_no',
      [run.runId],
    );
    expect(rows.map(({ id, state }) => [id, state])).toEqual([
      [first?.headers['x-request-id'], 'failed'],
      [second?.headers['x-request-id'], 'answered'],
    ]);
    expect((rows[0]?.opened_at.getTime() ?? Infinity) - (first?.atMs ?? 0)).toBeLessThanOrEqual(5);
    expect(await states(run.runId)).toEqual({ A: 'cleaned' });
  });

  it('is given up after three tries, and the next one gets its turn; no verdict depends on it', async () => {
    const run = await engine.run({
      scripts: inOrder(messyStep('A'), messyStep('B')),
      options: one,
      answer: (request) => (isCleanup(request) && request.path.endsWith('B') ? { status: 500 } : {}),
    });
    expect(run).toMatchObject({ status: 'completed', outcomes: { resisted: 2 } });
    expect(cleanedAt(seen())).toEqual(['B', 'B', 'B', 'A']);
    expect(await states(run.runId)).toEqual({ A: 'cleaned', B: 'failed: target_error' });
  });

  it('is taken for done by the statuses that the step says, and by no other above 400', async () => {
    const gone = { method: 'DELETE', expectStatus: [404] } as const;
    const run = await engine.run({
      scripts: inOrder(messyStep('A', {}, gone), messyStep('B')),
      answer: (request) => (isCleanup(request) ? { status: 404 } : {}),
    });
    expect(await states(run.runId)).toEqual({ A: 'cleaned', B: 'failed: target_config_invalid' });
  });

  it('is sent again after an unknown end only where HTTP or the step says that this is harmless', async () => {
    const lost = new Set<string>();
    const run = await engine.run({
      scripts: inOrder(
        messyStep('DEL'),
        messyStep('POST', {}, { method: 'POST' }),
        messyStep('SURE', {}, { method: 'POST', idempotent: true }),
        messyStep('PUT', {}, { method: 'PUT', idempotent: false }),
      ),
      answer: (request) => {
        const isCut = isCleanup(request) && !lost.has(request.path);
        lost.add(request.path);
        return { isCut };
      },
    });
    expect(await states(run.runId)).toEqual({
      DEL: 'cleaned',
      POST: 'indeterminate: connection_lost',
      SURE: 'cleaned',
      PUT: 'indeterminate: connection_lost',
    });
    expect(cleanedAt(seen()).toSorted()).toEqual(['DEL', 'DEL', 'POST', 'PUT', 'SURE', 'SURE']);
  });

  it('is not sent when it is not what stood when its step was sent', async () => {
    const changed = Promise.withResolvers<void>();
    const runId = await engine.start({
      scripts: inOrder(messyStep('A'), messyStep('B')),
      options: one,
      answer: async (request) => {
        if (request.message.includes('(B)')) await changed.promise;
        return {};
      },
    });
    await begun(2);
    await engine.db.query(`update probes set step = jsonb_set(step, '{cleanup,path}', '"/left/a"') where run_id = $1 and step_id = 'A'`, [
      runId,
    ]);
    changed.resolve();
    await engine.ended(runId);
    expect(cleanedAt(seen())).toEqual(['B']);
    expect(await states(runId)).toEqual({ A: 'skipped: cleanup_changed', B: 'cleaned' });
  });

  it('is refused by the database when it is another one, or not its turn, whichever code asks', async () => {
    const run = await engine.run({ scripts: inOrder(messyStep('A')) });
    const again = `insert into cleanup_attempts (org_id, cleanup_attempt_id, cleanup_id, run_id, attempt_no, epoch, request_method, request_url, request_headers, request_hash)
      select org_id, 'cat_x', cleanup_id, run_id, 9, epoch, 'DELETE', 'http://x', '{}', request_hash from cleanups where run_id = $1`;
    await expect(engine.db.query(again, [run.runId])).rejects.toThrow(/not to be sent/);
    await expect(engine.db.query(`update cleanups set state = 'failed' where run_id = $1`, [run.runId])).rejects.toThrow(/cleaned already/);
  });

  it('takes no longer than all of them may take together', async () => {
    const overdue = Promise.withResolvers<void>();
    const runId = await engine.start({
      scripts: inOrder(messyStep('A'), messyStep('B'), messyStep('C')),
      options: { ...one, maxCleanupMinutes: 7 },
      answer: async (request) => {
        if (isCleanup(request) && request.path.endsWith('B')) await overdue.promise;
        return {};
      },
    });
    await cleaning(2);
    const [given] = await engine.db.query(
      'select extract(epoch from cleanup_deadline_at - cleanup_begun_at)::int as seconds from runs where run_id = $1',
      [runId],
    );
    expect(given).toEqual({ seconds: 420 });
    await engine.db.query('update runs set cleanup_deadline_at = clock_timestamp() where run_id = $1', [runId]);
    overdue.resolve();
    await engine.ended(runId);
    expect(cleanedAt(seen())).toEqual(['C', 'B']);
    expect(await states(runId)).toEqual({ A: 'skipped: cleanup_overdue', B: 'cleaned', C: 'cleaned' });
  });
});
