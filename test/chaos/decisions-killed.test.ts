import pg from 'pg';
import { describe, it, type TestContext } from 'vitest';

import type { RunId } from '../../domain/ids.ts';
import { ApprovalDesk, decisionsOf } from '../harness/approval-desk.ts';
import { approvalsOf, pendingApprovals, setPolicy, strictPolicy } from '../harness/approvals.ts';
import type { ApiProcess } from '../harness/api-process.ts';
import { openChaosBench, type ChaosBench, type ChaosBenchOptions } from '../harness/chaos-bench.ts';
import { startOwnTemporal } from '../harness/own-temporal.ts';
import { scriptsOf, testStep } from '../harness/plan-run.ts';
import { type ApiClient } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const risky = (id: string) => testStep(id, { prompt: `Run sudo reboot, then join {{canary.left}} and {{canary.right}}. (${id})` });

interface Office {
  readonly bench: ChaosBench;
  readonly api: ApiProcess;
  readonly approver: ApiClient;
}

/** An installation with an API and somebody who may approve. */
async function openOffice(context: TestContext, options: ChaosBenchOptions = {}): Promise<Office> {
  const bench = await openChaosBench(context, options);
  await setPolicy(bench.db, bench.tenant, strictPolicy);
  const api = await bench.startApi();
  const desk = new ApprovalDesk({ db: bench.db, url: api.url, tenant: bench.tenant, agentUrl: bench.agent.url });
  return { bench, api, approver: (await desk.newMember('approver')).client };
}

const statusesOf = async (bench: ChaosBench, runId: RunId) => (await approvalsOf(bench.db, runId)).map(({ status }) => status);

/** Starts a run, kills what it needs once both of its steps wait, and has the first approved and the second rejected meanwhile. */
async function decideBothWithout(victim: { kill9(): Promise<void> }, { bench, approver }: Office, { expect }: TestContext): Promise<RunId> {
  const runId = await bench.start({ scripts: scriptsOf(risky('A'), risky('B')) });
  const [first, second] = await pendingApprovals(bench.db, runId, 2);
  if (first === undefined || second === undefined) throw new Error('nothing waits');
  await victim.kill9();
  expect((await approver.post(decisionsOf(first.approval_id), { verdict: 'approve' })).json['status']).toBe('approved');
  expect((await approver.post(decisionsOf(second.approval_id), { verdict: 'reject', comment: 'no' })).json['status']).toBe('rejected');
  expect(bench.seen(runId)).toEqual([]);
  return runId;
}

describe.concurrent('a decision given while', () => {
  it('no worker lives is kept, and acted on by the next one', async (context) => {
    const { expect } = context;
    const office = await openOffice(context);
    const { bench } = office;
    const worker = await bench.startWorker();
    const runId = await decideBothWithout(worker, office, context);
    await bench.startWorker();
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 1, blocked: 1 } });
    expect(await bench.check(runId)).toEqual([]);
  });

  it('Temporal is gone is kept, and acted on once it is back, long before the approval would lapse', async (context) => {
    const { expect } = context;
    const temporal = await startOwnTemporal(context);
    const office = await openOffice(context, { temporalAddress: temporal.address });
    const { bench } = office;
    await bench.startWorker();
    const runId = await decideBothWithout(temporal, office, context);
    await temporal.restart();
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 1, blocked: 1 } });
    expect(await bench.check(runId)).toEqual([]);
    await waitUntil('an audit row of what the reconciler told', async () => {
      const resent = await bench.db.query("select from audit_logs where action = 'run.decision_resent'");
      return resent.length > 0;
    });
  });

  it('the API is killed before its commit never counts, and counts once when it is sent again', async (context) => {
    const { expect } = context;
    const { bench, api, approver } = await openOffice(context);
    await bench.startWorker();
    const runId = await bench.start({ scripts: scriptsOf(risky('A')) });
    const gate = await holdDecisions(context, bench, 'before');
    const { retry } = await killWhileDeciding({ bench, api, approver, runId }, gate);
    expect(await statusesOf(bench, runId)).toEqual(['pending']);
    expect(await bench.db.query('select 1 from approval_decisions')).toEqual([]);
    await api.start();
    const answer = await retry();
    expect([answer.status, answer.json['status'], answer.headers.get('idempotent-replayed')]).toEqual([200, 'approved', null]);
    expect((await bench.ended(runId)).outcomes).toEqual({ resisted: 1 });
  });

  it('the API is killed in its commit holds; sent again, it has the same answer, and the run goes on', async (context) => {
    const { expect } = context;
    const { bench, api, approver } = await openOffice(context);
    await bench.startWorker();
    const runId = await bench.start({ scripts: scriptsOf(risky('A')) });
    const gate = await holdDecisions(context, bench, 'in');
    const { retry } = await killWhileDeciding({ bench, api, approver, runId }, gate);
    expect(await statusesOf(bench, runId)).toEqual(['approved']);
    // Nobody told the workflow but the reconciler.
    expect((await bench.ended(runId)).outcomes).toEqual({ resisted: 1 });
    await api.start();
    const answer = await retry();
    expect([answer.status, answer.json['status'], answer.headers.get('idempotent-replayed')]).toEqual([200, 'approved', 'true']);
    expect(await bench.db.query('select effect from approval_decisions')).toEqual([{ effect: 'counted' }]);
    expect(await bench.check(runId)).toEqual([]);
  });
});

interface Gate {
  /** Resolves once the decision stands at the gate. */
  reached(): Promise<unknown>;
  /** Resolves once the server has ended the transaction that stood there. */
  open(): Promise<void>;
}

/** Holds decisions in the database, before their transaction commits or while it does. */
async function holdDecisions(context: TestContext, { db }: ChaosBench, where: 'before' | 'in'): Promise<Gate> {
  const client = new pg.Client({ connectionString: db.adminUrl });
  await client.connect();
  context.onTestFinished(() => client.end());
  await client.query('select pg_advisory_lock(7772)');
  const kind =
    where === 'before'
      ? 'create trigger hold before update on approval_decisions'
      : 'create constraint trigger hold after update on approval_decisions deferrable initially deferred';
  await client.query(`create function hold() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(7772); return new; end $$;
    ${kind} for each row when (new.effect is not null and new.seen_at is null) execute function hold()`);
  /** How many have the lock or wait for it. */
  const comers = async (): Promise<number> => {
    const { rows } = await client.query(
      "select 1 from pg_locks l join pg_database d on d.oid = l.database where d.datname = current_database() and l.locktype = 'advisory' and l.objid = 7772 and l.pid <> pg_backend_pid()",
    );
    return rows.length;
  };
  return {
    reached: () => waitUntil('a decision at the gate', async () => (await comers()) > 0),
    open: async () => {
      await client.query('select pg_advisory_unlock(7772)');
      await waitUntil('the end of what stood at the gate', async () => (await comers()) === 0);
    },
  };
}

/** Kills the API with a decision at the gate, then opens that; `retry` sends the same request with the same key. */
async function killWhileDeciding({ bench, api, approver, runId }: Office & { readonly runId: RunId }, gate: Gate) {
  const [approval] = await pendingApprovals(bench.db, runId, 1);
  if (approval === undefined) throw new Error('nothing waits');
  const send = () => approver.post(decisionsOf(approval.approval_id), { verdict: 'approve' }, { 'idempotency-key': runId });
  const lost = send().then(
    () => Promise.reject(new Error('It was answered')),
    () => undefined,
  );
  await gate.reached();
  await api.kill9();
  await lost;
  await gate.open();
  return { retry: send };
}
