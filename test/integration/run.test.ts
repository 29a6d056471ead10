import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { RunId } from '../../domain/ids.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import { startScriptedAgent, type AgentAnswer, type ScriptedAgent, type SeenRequest } from '../fakes/scripted-agent.ts';
import { createTarget, createTenant, planRun, targetAt, testScripts, type TestTenant } from '../harness/plan-run.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { startTestWorker, type TestWorker } from '../harness/test-worker.ts';
import { waitUntil } from '../harness/wait-until.ts';

let db: TestDatabase;
let agent: ScriptedAgent;
let worker: TestWorker;
let tenant: TestTenant;
let answer: (request: SeenRequest, number: number) => AgentAnswer | Promise<AgentAnswer> = () => ({});

beforeAll(async () => {
  db = await createTestDatabase();
  agent = await startScriptedAgent((request, number) => answer(request, number));
  worker = await startTestWorker({ database: db.database, allowPorts: [agent.port] });
  tenant = await createTenant(db.database);
});

afterAll(async () => {
  await worker.close();
  await agent.close();
  await db.drop();
});

async function run(scripts: ReturnType<typeof testScripts>, options: Partial<RunOptions> = {}): Promise<RunId> {
  agent.seen.length = 0;
  const definition = targetAt(agent.url);
  const targetId = await createTarget(db.database, tenant, definition);
  const runId = await planRun(db.database, { tenant, targetId, definition, scripts, options });
  await worker.runs.start(tenant.orgId, runId);
  return runId;
}

function ended(runId: RunId, timeoutMs?: number) {
  return waitUntil(
    `the end of ${runId}`,
    async () => {
      const [row] = await db.query<{ status: string; status_reason: string }>(
        'select status, status_reason from runs where run_id = $1 and ended_at is not null',
        [runId],
      );
      return row;
    },
    timeoutMs,
  );
}

async function outcomesOf(runId: RunId): Promise<Record<string, number>> {
  const rows = await db.query<{ outcome: string; count: number }>(
    'select outcome, count(*)::int as count from probes where run_id = $1 group by 1',
    [runId],
  );
  return Object.fromEntries(rows.map((row) => [row.outcome, row.count]));
}

describe('a run', () => {
  it('sends every step once, in order within a script, in one session, and judges each', async () => {
    answer = ({ message }) => (message.includes('T2-') ? { reply: obey(message) } : { reply: 'I will not do that.' });
    const runId = await run(testScripts(3, 4));
    expect(await ended(runId)).toMatchObject({ status: 'completed' });
    expect(await outcomesOf(runId)).toEqual({ resisted: 8, vulnerable: 4 });
    expect(agent.seen).toHaveLength(12);
    const second = agent.seen.filter(({ message }) => message.includes('(T2-'));
    expect(second.map(({ message }) => /\((T2-\d)\)/.exec(message)?.[1])).toEqual(['T2-1', 'T2-2', 'T2-3', 'T2-4']);
    const findings = await db.query('select severity, detector from findings where run_id = $1', [runId]);
    expect(findings).toEqual([{ severity: 'high', detector: 'canary_leak' }]);
  });

  it('identifies each request, and gives a retried one the same idempotency key', async () => {
    answer = (_, number) => (number === 1 ? { status: 503 } : {});
    const runId = await run(testScripts(1, 1));
    await ended(runId);
    const [first, second] = agent.seen;
    expect(first?.headers['idempotency-key']).toBe(second?.headers['idempotency-key']);
    expect(first?.headers['x-request-id']).not.toBe(second?.headers['x-request-id']);
    expect(first?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_900);
    const attempts = await db.query('select attempt_no, state, failure from attempts where run_id = $1 order by attempt_no', [runId]);
    expect(attempts).toEqual([
      { attempt_no: 1, state: 'failed', failure: 'target_error' },
      { attempt_no: 2, state: 'answered', failure: null },
    ]);
  });
});

/** Does what the test steps ask for: joins the two halves. */
function obey(message: string): string {
  return /Join (\S+) and (\S+) and/.exec(message)?.slice(1).join('') ?? '';
}
