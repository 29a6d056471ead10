import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { modelCallLedger, type ModelCallOwner } from '../../db/models/model-call-ledger.ts';
import { withOrg } from '../../db/with-org.ts';
import type { RunId } from '../../domain/ids.ts';
import type { ModelCallEnd } from '../../runtime/model/model-ledger.ts';
import { createTarget, createTenant, planRun, targetAt, testScripts, type TestTenant } from '../harness/plan-run.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';

let db: TestDatabase;
let tenant: TestTenant;

beforeAll(async () => {
  db = await createTestDatabase();
  tenant = await createTenant(db.database);
});
afterAll(() => db.drop());

async function newRun(): Promise<RunId> {
  const definition = targetAt('http://127.0.0.1:9/chat');
  const targetId = await createTarget(db.database, tenant, definition);
  return planRun(db.database, { tenant, targetId, definition, scripts: testScripts(1, 1) });
}

function ownerOf(runId: RunId, tokensPerRun: number): ModelCallOwner {
  return { orgId: tenant.orgId, purpose: 'judge', probe: { runId, stepId: 'T1-1', variantNo: 1, tokensPerRun } };
}

const start = { position: 1, model: 'm', baseUrl: 'http://127.0.0.1:9/v1', tokensReserved: 100 };

function ended(tokensIn: number, tokensOut: number): ModelCallEnd {
  const usage = { tokensIn, tokensOut, costMicros: 7, isEstimated: false };
  return { failure: null, detail: null, servedModel: 'm-1', usage, latencyMs: 5 };
}

describe('the ledger of model calls', () => {
  it('lets a run use its budget and not a token more, however many ask at once', async () => {
    const ledger = modelCallLedger(db.database, ownerOf(await newRun(), 450));
    const opened = await Promise.allSettled(Array.from({ length: 12 }, () => ledger.open(start)));
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    const [refused] = opened.filter((result) => result.status === 'rejected');
    expect(refused?.reason).toMatchObject({ failure: 'model_budget_exceeded', message: expect.stringContaining('400 of the 450 tokens') });
  });

  it('gives back what was reserved and not used', async () => {
    const ledger = modelCallLedger(db.database, ownerOf(await newRun(), 150));
    const callId = await ledger.open(start);
    await expect(ledger.open(start)).rejects.toMatchObject({ failure: 'model_budget_exceeded' });
    await ledger.close(callId, ended(20, 10));
    await expect(ledger.open(start)).resolves.toMatch(/^mdc_/);
  });

  it('keeps the first end of a call', async () => {
    const runId = await newRun();
    const ledger = modelCallLedger(db.database, ownerOf(runId, 1_000));
    const callId = await ledger.open(start);
    await ledger.close(callId, ended(20, 10));
    await ledger.close(callId, { ...ended(1, 1), failure: 'model_unavailable', detail: 'late', usage: null });
    const rows = await db.query('select state, tokens_in, tokens_out, cost_micros, served_model from model_calls where run_id = $1', [
      runId,
    ]);
    expect(rows).toEqual([{ state: 'answered', tokens_in: 20, tokens_out: 10, cost_micros: '7', served_model: 'm-1' }]);
  });

  it('shows the calls of one organization to no other', async () => {
    const runId = await newRun();
    await modelCallLedger(db.database, ownerOf(runId, 1_000)).open(start);
    const other = await createTenant(db.database, 'Other');
    const seen = await withOrg(db.database, other.orgId, (tx) => tx.selectFrom('model_calls').select('call_id').execute());
    expect(seen).toEqual([]);
    const foreign = modelCallLedger(db.database, { ...ownerOf(runId, 1_000), orgId: other.orgId });
    await expect(foreign.open(start)).rejects.toThrow();
  });
});
