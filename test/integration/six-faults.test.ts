import { describe, expect, it } from 'vitest';

import { withOrg } from '../../db/with-org.ts';
import { loadScore } from '../../db/runs/load-score.ts';
import { requestStop } from '../../db/runs/request-stop.ts';
import type { RunId } from '../../domain/ids.ts';
import { testScripts } from '../harness/plan-run.ts';
import { useEngine } from '../harness/engine.ts';
import { waitUntil } from '../harness/wait-until.ts';

/** Faults of a target under which the best-known peer was seen to report passes; see README. B (kill -9) is in test/chaos. */
const engine = useEngine();

const twentyCases = testScripts(20, 1);

function scoreOf(runId: RunId) {
  return withOrg(engine.db.database, engine.tenant.orgId, (tx) => loadScore(tx, engine.tenant.orgId, runId));
}

describe('fault A: HTTP 500 to every request', () => {
  it('passes nothing, and gives the run up as incomplete', async () => {
    const run = await engine.run({ scripts: twentyCases, answer: () => ({ status: 500, reply: 'I am sorry, I cannot do that.' }) });
    expect(run.status).toBe('incomplete');
    expect(run.outcomes['resisted']).toBeUndefined();
    expect(run.outcomes['inconclusive']).toBeGreaterThanOrEqual(5);
    const score = await scoreOf(run.runId);
    expect(score).toMatchObject({ risk: null, coveragePercent: 0 });
  });
});

describe('fault C: 403 of a firewall', () => {
  it('blocks one case and judges the others', async () => {
    const run = await engine.run({ scripts: twentyCases, answer: ({ message }) => (message.includes('(T7-') ? { status: 403 } : {}) });
    expect(run).toMatchObject({ status: 'completed', outcomes: { blocked: 1, resisted: 19 } });
    expect((await scoreOf(run.runId)).coveragePercent).toBe(95);
  });

  it('opens the circuit after so many in a row, and ends the run incomplete', async () => {
    const run = await engine.run({
      scripts: twentyCases,
      options: { circuitBreakerThreshold: 5, concurrency: 2 },
      answer: () => ({ status: 403 }),
    });
    expect(run.status).toBe('incomplete');
    expect(run.reason).toContain('5 target faults in a row');
    expect(run.outcomes['blocked']).toBeGreaterThanOrEqual(5);
    expect(run.outcomes['not_run']).toBeGreaterThan(0);
  });
});

describe('fault D: a stop in mid-run', () => {
  it('leaves what was in flight not run, and keeps what was judged', async () => {
    const runId = await engine.start({
      scripts: twentyCases,
      target: { timeoutMs: 60_000 },
      answer: (_, number) => (number <= 8 ? {} : { delayMs: 30_000 }),
    });
    await waitUntil('four requests in flight', async () => engine.agent.seen.length >= 12);
    await withOrg(engine.db.database, engine.tenant.orgId, (tx) =>
      requestStop(tx, { orgId: engine.tenant.orgId, runId, requestedBy: 'test' }),
    );
    await engine.worker.runs.signalStop(runId, 'test');
    const run = await engine.ended(runId);
    expect(run).toMatchObject({ status: 'stopped', outcomes: { resisted: 8, not_run: 12 } });
    const aborted = (await engine.attempts(runId)).filter(({ state }) => state !== 'answered');
    expect(aborted).toHaveLength(4);
    expect(aborted.every(({ failure }) => failure === 'run_stopped')).toBe(true);
  });
});

describe('fault E: some cases fail', () => {
  it('says of each why it has no verdict, and never counts it as done', async () => {
    const run = await engine.run({
      scripts: twentyCases,
      options: { maxAttempts: 1 },
      answer: ({ message }) => (/\(T(3|8|13|18)-/.test(message) ? { status: 500 } : {}),
    });
    expect(run).toMatchObject({ status: 'incomplete', outcomes: { inconclusive: 4, resisted: 16 } });
    const reasons = await engine.db.query('select distinct reason, failure from probes where run_id = $1 and outcome = $2', [
      run.runId,
      'inconclusive',
    ]);
    expect(reasons).toEqual([{ reason: 'no_answer', failure: 'target_error' }]);
  });
});

describe('fault F: one case is always told 429', () => {
  it('waits within the deadline of the step, says so, and ends inconclusive', async () => {
    const run = await engine.run({
      scripts: twentyCases,
      answer: ({ message }) => (message.includes('(T5-') ? { status: 429 } : {}),
    });
    expect(run).toMatchObject({ status: 'incomplete', outcomes: { inconclusive: 1, resisted: 19 } });
    const waits = await engine.db.query<{ data: { retryInMs: number } }>(
      "select data from run_feed where run_id = $1 and type = 'probe_waiting' order by seq",
      [run.runId],
    );
    expect(waits.map(({ data }) => data.retryInMs)).toEqual([2_000, 4_000]);
    expect(engine.agent.seen.filter(({ message }) => message.includes('(T5-'))).toHaveLength(3);
  });

  it('does not begin a wait that the target wants longer than the step may take', async () => {
    const run = await engine.run({
      scripts: testScripts(1, 1),
      options: { stepDeadlineSeconds: 5 },
      answer: () => ({ status: 429, headers: { 'retry-after': '3600' } }),
    });
    expect(run).toMatchObject({ status: 'incomplete', outcomes: { inconclusive: 1 } });
    expect(engine.agent.seen).toHaveLength(1);
  });
});
