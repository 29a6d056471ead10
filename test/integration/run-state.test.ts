import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runStatuses, runTransitions, canFollow } from '../../domain/run-state.ts';
import { createTarget, createTenant, planRun, targetAt, testScripts } from '../harness/plan-run.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';

let db: TestDatabase;
let runId: string;

beforeAll(async () => {
  db = await createTestDatabase();
  const tenant = await createTenant(db.database);
  const definition = targetAt('http://127.0.0.1:9/chat');
  const targetId = await createTarget(db.database, tenant, definition);
  runId = await planRun(db.database, { tenant, targetId, definition, scripts: testScripts(1, 1) });
});

afterAll(() => db.drop());

describe('the state machine of a run', () => {
  it('is the same in the database trigger as in the domain, for every pair of states', async () => {
    const disagreements: string[] = [];
    for (const from of runStatuses) {
      for (const to of runStatuses.filter((status) => status !== from)) {
        // Replica mode lets the test put a run into any state without asking the trigger.
        await db.query(
          `set session_replication_role = replica; update runs set status = '${from}' where run_id = '${runId}'; reset session_replication_role`,
        );
        const isAllowed = await db.query('update runs set status = $1 where run_id = $2', [to, runId]).then(
          () => true,
          () => false,
        );
        if (isAllowed !== canFollow(from, to)) disagreements.push(`${from} -> ${to}`);
      }
    }
    expect(disagreements).toEqual([]);
  });

  it('lets nothing leave a terminal state', () => {
    const terminal = Object.entries(runTransitions).filter(([, next]) => next.length === 0);
    expect(terminal.map(([status]) => status)).toEqual(['completed', 'incomplete', 'stopped', 'stopped_quota', 'failed']);
  });

  it('never changes a verdict', async () => {
    await db.query("update probes set outcome = 'resisted', judged_at = now() where run_id = $1", [runId]);
    await expect(db.query("update probes set outcome = 'vulnerable' where run_id = $1", [runId])).rejects.toThrow(
      'already has the outcome resisted',
    );
  });
});
