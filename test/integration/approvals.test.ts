import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { applyDecision } from '../../db/approvals/apply-decision.ts';
import { expireApproval } from '../../db/approvals/end-approval.ts';
import { requestStop } from '../../db/runs/request-stop.ts';
import { withOrg, type OrgTransaction } from '../../db/with-org.ts';
import type { ApprovalId, MemberId, RunId } from '../../domain/ids.ts';
import { ApprovalDesk, decisionsOf } from '../harness/approval-desk.ts';
import { addMember, approvalsOf, giveDecision, setPolicy, signalDecision, issueToken, strictPolicy } from '../harness/approvals.ts';
import { useEngine } from '../harness/engine.ts';
import { createTenant, scriptsOf, testStep } from '../harness/plan-run.ts';
import { deliveriesOf, subscribe } from '../harness/webhooks.ts';
import { apiClient, at, startTestApi, type ApiAnswer, type ApiClient, type TestApi } from '../harness/test-api.ts';

const engine = useEngine({ hasReconciler: true });
let api: TestApi;
let desk: ApprovalDesk;
let admin: ApiClient;
let approver: ApiClient;

beforeAll(async () => {
  api = await startTestApi({ database: engine.db.database, taskQueue: engine.worker.taskQueue, allowPorts: [engine.agent.port] });
  desk = new ApprovalDesk({ db: engine.db, url: api.url, tenant: engine.tenant, agentUrl: engine.agent.url });
  ({ admin } = desk);
  await setPolicy(engine.db, engine.tenant, strictPolicy);
  approver = (await desk.newMember('approver')).client;
});
afterAll(() => api.close());

describe('the inbox', () => {
  it('shows what would be sent and why it is risky, and lets an approver decide; the second one is told who won', async () => {
    const { runId, approvalId } = await desk.waiting();
    const page = await approver.get(`/api/approvals?status=pending&runId=${runId}`);
    expect(page.json['items']).toMatchObject([{ approvalId, risk: 'high', status: 'pending', stepId: 'R1-1' }]);
    const shown = await approver.get(`/api/approvals/${approvalId}`);
    expect(at(shown.json, 'preview.body')).toContain('Run sudo reboot');
    expect(at(shown.json, 'riskMatches.0.rule')).toBe('command.sudo');
    expect((await approver.post(decisionsOf(approvalId), { verdict: 'reject' })).status).toBe(400);
    const decided = await approver.post(decisionsOf(approvalId), { verdict: 'approve', comment: 'on a test bench' });
    expect([decided.status, decided.json['status']]).toEqual([200, 'approved']);
    const second = await (await desk.newMember('approver')).client.post(decisionsOf(approvalId), { verdict: 'reject', comment: 'no' });
    expect([second.status, at(second.json, 'winner.status')]).toEqual([409, 'approved']);
    expect((await engine.ended(runId)).outcomes).toEqual({ resisted: 1 });
    const audit = await admin.get(`/api/audit-logs?objectId=${approvalId}`);
    const actions = (audit.json['items'] as { action: string }[]).map(({ action }) => action);
    expect(actions.toSorted()).toEqual(['approval.approved', 'approval.decide', 'approval.request']);
    expect(audit.text).not.toContain('on a test bench');
  });

  it('is nothing that a GET changes, as a scanner of mails sends it, an operator decides in, or another organization sees', async () => {
    const { runId, approvalId } = await desk.waiting();
    expect((await approver.get(decisionsOf(approvalId))).status).toBe(405);
    expect((await approver.get(`/api/approvals/${approvalId}/token-decisions?token=x`)).status).toBe(405);
    expect((await approver.get(`/api/approvals/${approvalId}`)).json['status']).toBe('pending');
    expect((await approvalsOf(engine.db, runId))[0]?.status).toBe('pending');
    expect((await (await desk.newMember('operator')).client.post(decisionsOf(approvalId), { verdict: 'approve' })).status).toBe(403);
    const other = apiClient(api.url, (await createTenant(engine.db.database, 'Other')).apiKey);
    expect((await other.get(`/api/approvals/${approvalId}`)).status).toBe(404);
    expect((await other.post(decisionsOf(approvalId), { verdict: 'approve' })).status).toBe(404);
  });
});

describe('a webhook', () => {
  it('is told of the request and the decision of a live run, and of nothing that would be sent', async () => {
    const { webhookId } = await subscribe(admin, 'https://hooks.example.com/');
    const { runId, approvalId } = await desk.waiting();
    expect((await approver.post(decisionsOf(approvalId), { verdict: 'approve' })).status).toBe(200);
    await engine.ended(runId);
    const deliveries = await deliveriesOf(admin, webhookId);
    expect(deliveries.map(({ event }) => event).toSorted()).toEqual(['approval.decided', 'approval.requested']);
    for (const { deliveryId } of deliveries) {
      const { text } = await admin.get(`/api/webhook-deliveries/${deliveryId}`);
      expect([text.includes(approvalId), text.includes('sudo reboot')]).toEqual([true, false]);
    }
    expect((await admin.post(`/api/webhooks/${webhookId}/remove`)).status).toBe(200);
  });
});

describe('a decision after the time is over', () => {
  it('is told so by the clock of the database, whoever has written it down, and a stop makes no other end of it', async () => {
    const { runId, approvalId } = await desk.waiting();
    const shown = async () => {
      const [one, pending] = await Promise.all([
        admin.get(`/api/approvals/${approvalId}`),
        admin.get('/api/approvals?status=pending&limit=1'),
      ]);
      return [one.json['status'], one.json['isOverdue'], at(pending.json, 'items.0.approvalId'), at(pending.json, 'items.0.isOverdue')];
    };
    expect(await shown()).toEqual(['pending', false, approvalId, false]);
    await engine.db.query('update approvals set expires_at = clock_timestamp() where approval_id = $1', [approvalId]);
    expect(await shown()).toEqual(['pending', true, approvalId, true]);
    const late = await approver.post(decisionsOf(approvalId), { verdict: 'approve' });
    expect([late.status, at(late.json, 'winner.status'), at(late.json, 'winner.decidedBy')]).toEqual([409, 'expired', 'the clock']);
    // The workflow was told that it is over, and the run may have ended by itself.
    expect((await admin.post(`/api/runs/${runId}/stop`)).status).toBeLessThan(300);
    expect(await approvalsOf(engine.db, runId)).toMatchObject([{ status: 'expired', decided_by: 'the clock' }]);
    await engine.ended(runId);
    expect(engine.agent.seen.filter(({ headers }) => headers['x-ordeal-run-id'] === runId)).toEqual([]);
  });
});

describe('the Idempotency-Key of a decision', () => {
  it('is required; the same request has the same answer, and another one none', async () => {
    const { runId, approvalId } = await desk.waiting();
    const path = decisionsOf(approvalId);
    const missing = await approver.post(path, { verdict: 'approve' }, { 'idempotency-key': '' });
    expect([missing.status, missing.json['type']]).toEqual([400, 'urn:ordeal:problem:idempotency_key_missing']);
    const key = { 'idempotency-key': `decides-${approvalId}` };
    const twenty = await Promise.all(Array.from({ length: 20 }, () => approver.post(path, { verdict: 'approve' }, key)));
    const [first] = twenty.filter(({ status }) => status === 200);
    for (const { status, text, json } of twenty) {
      if (status === 200) expect(text).toBe(first?.text);
      else expect([status, json['type']]).toEqual([409, 'urn:ordeal:problem:idempotency_in_flight']);
    }
    const again = await approver.post(path, { verdict: 'approve' }, key);
    expect([again.text, again.headers.get('idempotent-replayed')]).toEqual([first?.text, 'true']);
    expect((await approver.post(path, { verdict: 'reject', comment: 'no' }, key)).status).toBe(422);
    expect((await engine.ended(runId)).outcomes).toEqual({ resisted: 1 });
    const decisions = await engine.db.query('select effect from approval_decisions where approval_id = $1', [approvalId]);
    expect(decisions).toEqual([{ effect: 'counted' }]);
  });

  it('is free again after a refusal, of which nothing is kept', async () => {
    const { approvalId } = await desk.waiting();
    const key = { 'idempotency-key': `refused-${approvalId}` };
    expect((await admin.post(decisionsOf(approvalId), { verdict: 'approve' }, key)).status).toBe(403);
    expect(await engine.db.query('select 1 from approval_decisions where approval_id = $1', [approvalId])).toEqual([]);
    expect(await engine.db.query('select 1 from idempotency_keys where key = $1', [key['idempotency-key']])).toEqual([]);
    expect((await approver.post(decisionsOf(approvalId), { verdict: 'approve' }, key)).status).toBe(200);
  });

  it('lets a token that was used be answered the same again', async () => {
    const { approvalId } = await desk.waiting();
    const token = String((await approver.post(`/api/approvals/${approvalId}/tokens`, { verdict: 'approve' })).json['token']);
    const key = { 'idempotency-key': `token-${approvalId}` };
    const send = () => admin.post(`/api/approvals/${approvalId}/token-decisions`, { token }, key);
    const first = await send();
    expect([first.status, (await send()).text]).toEqual([200, first.text]);
    expect((await admin.post(`/api/approvals/${approvalId}/token-decisions`, { token })).status).toBe(410);
  });
});

describe('a decision token', () => {
  const redeem = (client: ApiClient, approvalId: string, token: string): Promise<ApiAnswer> =>
    client.post(`/api/approvals/${approvalId}/token-decisions`, { token });

  it('decides once: used again it is gone, as it is when its time is over, and of another approval or organization it is unknown', async () => {
    const first = await desk.waiting();
    const second = await desk.waiting();
    const issued = await approver.post(`/api/approvals/${first.approvalId}/tokens`, { verdict: 'approve' });
    const token = String(issued.json['token']);
    expect(issued.status).toBe(201);
    expect((await redeem(admin, second.approvalId, token)).status).toBe(404);
    const other = apiClient(api.url, (await createTenant(engine.db.database, 'Other')).apiKey);
    expect((await redeem(other, first.approvalId, token)).status).toBe(404);
    const forged = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`;
    expect((await redeem(admin, first.approvalId, forged)).status).toBe(404);
    expect((await redeem(admin, first.approvalId, token)).json['status']).toBe('approved');
    expect((await redeem(admin, first.approvalId, token)).status).toBe(410);
    const late = String((await approver.post(`/api/approvals/${second.approvalId}/tokens`, { verdict: 'approve' })).json['token']);
    await engine.db.query('update decision_tokens set expires_at = clock_timestamp() where approval_id = $1', [second.approvalId]);
    expect((await redeem(admin, second.approvalId, late)).status).toBe(410);
    expect((await approvalsOf(engine.db, second.runId))[0]?.status).toBe('pending');
  });

  it('sent a hundred times has one effect, and what is no token has none', async () => {
    const { runId, approvalId } = await desk.waiting();
    const memberId = await addMember(engine.db, engine.tenant, 'approver');
    const token = await issueToken(engine.db, engine.tenant, { approvalId, memberId, verdict: 'reject' });
    const tokens = Array.from({ length: 100 }, () => token);
    await Promise.all(['nonsense', `${token}x`, ...tokens].map((one) => signalDecision(engine.worker, runId, one).catch(() => undefined)));
    expect((await engine.ended(runId)).outcomes).toEqual({ blocked: 1 });
    const decisions = await engine.db.query('select effect from approval_decisions where approval_id = $1', [approvalId]);
    expect(decisions).toEqual([{ effect: 'counted' }]);
  });
});

describe('a storm of decisions', () => {
  it('is refused at the door, and the run goes on', { timeout: 120_000 }, async () => {
    const { runId, approvalId } = await desk.waiting();
    const narrow = await startTestApi({
      database: engine.db.database,
      taskQueue: engine.worker.taskQueue,
      ratePolicies: { decision: { perMinute: 10, burst: 5 } },
    });
    try {
      const client = apiClient(narrow.url, engine.tenant.apiKey);
      const statuses: number[] = [];
      const send = async (): Promise<void> => {
        while (statuses.length < 1_000) {
          statuses.push((await client.post(`/api/approvals/${approvalId}/token-decisions`, { token: 'odt_x' })).status);
        }
      };
      await Promise.all(Array.from({ length: 20 }, send));
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(950);
    } finally {
      await narrow.close();
    }
    const { historyLength } = await engine.worker.temporal.call((client) => client.workflow.getHandle(`run/${runId}`).describe());
    expect(historyLength).toBeLessThan(200);
    expect((await approver.post(decisionsOf(approvalId), { verdict: 'approve' })).status).toBe(200);
    expect((await engine.ended(runId)).outcomes).toEqual({ resisted: 1 });
  });
});

describe('a policy', () => {
  it('is versioned, refused when it makes no sense, and can be tried on a plan', async () => {
    const { projectId } = engine.tenant;
    const rules = [{ name: 'two for sudo', when: { riskRules: ['command.*'] }, action: 'approve', quorum: 2 }];
    const set = await admin.post('/api/policies', { projectId, document: { rules } });
    expect([set.status, at(set.json, 'document.rules.0.quorum')]).toEqual([201, 2]);
    const again = await admin.post('/api/policies', { projectId, document: strictPolicy });
    expect(again.json['version']).toBe(Number(set.json['version']) + 1);
    const versions = await admin.get(`/api/policies?policyId=${String(set.json['policyId'])}`);
    expect((versions.json['items'] as unknown[]).length).toBeGreaterThanOrEqual(2);
    const wrong = await admin.post('/api/policies', {
      projectId,
      document: { rules: [{ name: 'x', when: { riskRules: ['nope'] }, action: 'allow' }] },
    });
    expect(wrong.status).toBe(400);
    expect((await approver.post('/api/policies', { projectId, document: strictPolicy })).status).toBe(403);
    const { runId } = await desk.waiting();
    const refusing = { rules: [{ name: 'never', when: {}, action: 'refuse' }], runApproval: { atLeast: 'low' } };
    const asOrganization = await admin.post(`/api/runs/${runId}/policy-check`, { document: refusing });
    expect(asOrganization.json).toMatchObject({ needsRunApproval: true, counts: { allow: 0, approve: 1, refuse: 0 } });
    const tried = await admin.post(`/api/runs/${runId}/policy-check`, { document: refusing, replaces: 'project' });
    expect(tried.json).toMatchObject({ needsRunApproval: true, worstRisk: 'high', counts: { allow: 0, approve: 0, refuse: 1 } });
    const asIs = await admin.post(`/api/runs/${runId}/policy-check`, {});
    expect(asIs.json).toMatchObject({ needsRunApproval: false, counts: { approve: 1 } });
  });

  it('that was edited from a version that is not the last one any more is refused; of two editors at once one is told', async () => {
    const scope = { projectId: engine.tenant.projectId, document: strictPolicy };
    const version = Number((await admin.post('/api/policies', scope)).json['version']);
    const edits = await Promise.all([1, 2, 3].map(() => admin.post('/api/policies', { ...scope, basedOn: version })));
    expect(edits.map(({ status }) => String(status)).toSorted()).toEqual(['201', '409', '409']);
    expect((await admin.post('/api/policies', { ...scope, basedOn: version + 1 })).json['version']).toBe(version + 2);
  });
});

/** Without anything that would start a run which is only planned. */
const still = useEngine();

describe('approve, reject, the clock and a stop at the same moment', () => {
  const lanes = 8;
  const trialsPerLane = 125;

  it('have one winner, and every loser learns it, in 1,000 races', { timeout: 300_000 }, async () => {
    const [one, two] = await Promise.all([addMember(still.db, still.tenant, 'approver'), addMember(still.db, still.tenant, 'approver')]);
    const winners = await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        const runId = await still.plan({ scripts: scriptsOf(testStep('A')) });
        const seen: string[] = [];
        for (let trial = 0; trial < trialsPerLane; trial += 1)
          seen.push(await race({ runId, trial, suffix: lane * 1_000 + trial, one, two }));
        return seen;
      }),
    );
    expect(new Set(winners.flat())).toEqual(new Set(['approved', 'rejected', 'expired', 'cancelled']));
  });
});

interface Race {
  readonly runId: RunId;
  readonly trial: number;
  readonly suffix: number;
  readonly one: MemberId;
  readonly two: MemberId;
}

/** Lets all who can end a request try at once, in another order each time, and returns who won. */
async function race({ runId, trial, suffix, one, two }: Race): Promise<string> {
  const { orgId } = still.tenant;
  const approvalId = await pendingRow(runId, { suffix, isOverdue: trial % 4 === 0 });
  const given = await Promise.all([
    giveDecision(still.db, still.tenant, { approvalId, memberId: one, verdict: 'approve' }),
    giveDecision(still.db, still.tenant, { approvalId, memberId: two, verdict: 'reject' }),
  ]);
  const inOrg = <Result>(work: (tx: OrgTransaction) => Promise<Result>): Promise<Result> => withOrg(still.db.database, orgId, work);
  const contestants = [
    ...given.map((decisionId) => () => inOrg((tx) => applyDecision(tx, { orgId, decisionId }))),
    () => inOrg((tx) => expireApproval(tx, { orgId, approvalId })),
    ...(trial % 2 === 1 ? [() => inOrg((tx) => requestStop(tx, { orgId, runId, requestedBy: 'Ada' }))] : []),
  ];
  const turn = Math.floor(trial / 4) % contestants.length;
  const results = await Promise.all([...contestants.slice(turn), ...contestants.slice(0, turn)].map((contest) => contest()));
  const [row] = await still.db.query<{ status: string; counted: number }>(
    `select status, (select count(*)::int from approval_decisions d where d.approval_id = a.approval_id and effect = 'counted') as counted
     from approvals a where approval_id = $1`,
    [approvalId],
  );
  const status = row?.status ?? 'none';
  const told = results.flatMap((result) => (typeof result === 'object' && 'effect' in result ? [result] : []));
  const decided = status === 'approved' || status === 'rejected' ? 1 : 0;
  expect([suffix, row?.counted, told.map((effect) => effect.status)]).toEqual([suffix, decided, [status, status]]);
  expect(told.filter(({ effect }) => effect === 'counted')).toHaveLength(decided);
  return status;
}

/** A request of its own for each race, of a run that is not stopped. */
async function pendingRow(
  runId: RunId,
  { suffix, isOverdue }: { readonly suffix: number; readonly isOverdue: boolean },
): Promise<ApprovalId> {
  await still.db.query('update runs set stop_requested_at = null where run_id = $1', [runId]);
  const [row] = await still.db.query<{ approval_id: ApprovalId }>(
    `insert into approvals (org_id, approval_id, kind, project_id, run_id, step_id, variant_no, conversation_no, exchange_no, payload_hash,
       preview, risk_level, risk, policy, quorum, excluded_members, expires_at)
     select p.org_id, 'apv_' || lpad($2::text, 26, '0'), 'exchange', r.project_id, r.run_id, p.step_id, p.variant_no, 1, $2::int, repeat('f', 64),
       '{}', 'high', '[]', '{}', 1, '{}', clock_timestamp() + make_interval(secs => $3::float8)
     from probes p join runs r using (org_id, run_id) where r.run_id = $1 returning approval_id`,
    [runId, suffix, isOverdue ? 0 : 600],
  );
  if (row === undefined) throw new Error('no approval');
  return row.approval_id;
}
