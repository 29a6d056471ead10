import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { MemberId } from '../../domain/ids.ts';
import { ApprovalDesk, decisionsOf, type DeskMember } from '../harness/approval-desk.ts';
import { approvalsOf, setPolicy, signalDecision, strictPolicy } from '../harness/approvals.ts';
import { useEngine } from '../harness/engine.ts';
import { createTenant } from '../harness/plan-run.ts';
import { apiClient, at, startTestApi, type ApiAnswer, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const engine = useEngine({ hasReconciler: true });
let api: TestApi;
let desk: ApprovalDesk;

beforeAll(async () => {
  api = await startTestApi({ database: engine.db.database, taskQueue: engine.worker.taskQueue, allowPorts: [engine.agent.port] });
});
afterAll(() => api.close());

beforeEach(async () => {
  engine.tenant = await createTenant(engine.db.database);
  await setPolicy(engine.db, engine.tenant, strictPolicy);
  desk = new ApprovalDesk({ db: engine.db, url: api.url, tenant: engine.tenant, agentUrl: engine.agent.url });
});

const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

/** Lends the right of `delegator`; returns the id of the delegation. */
async function lend(delegator: DeskMember, delegateId: MemberId, more: object = {}): Promise<string> {
  const answer = await delegator.client.post('/api/delegations', { delegateId, endsAt: inHours(24), ...more });
  expect([answer.status, answer.json['detail']]).toEqual([201, undefined]);
  return String(answer.json['delegationId']);
}

const approve = (client: ApiClient, approvalId: Parameters<typeof decisionsOf>[0]): Promise<ApiAnswer> =>
  client.post(decisionsOf(approvalId), { verdict: 'approve' });

/** What becomes of a delegation while somebody means to decide by it. */
const ends: readonly (readonly [string, (delegationId: string, delegator: DeskMember) => Promise<unknown>])[] = [
  ['revoked by who lent it', (delegationId, delegator) => delegator.client.post(`/api/delegations/${delegationId}/revoke`)],
  ['revoked by an admin', (delegationId) => desk.admin.post(`/api/delegations/${delegationId}/revoke`)],
  [
    'over, by the clock of the database',
    (delegationId) =>
      engine.db.query(
        `update delegations set starts_at = clock_timestamp() - interval '1 hour', ends_at = clock_timestamp() where delegation_id = $1`,
        [delegationId],
      ),
  ],
  ['of who may not approve any more', (_, { memberId }) => desk.admin.post(`/api/members/${memberId}/role`, { role: 'operator' })],
  ['of who was removed', (_, { memberId }) => desk.admin.post(`/api/members/${memberId}/remove`)],
];

describe('a delegate', () => {
  it('decides in their own name for who lent the right, whatever their own role, and both are shown', async () => {
    const [delegator, delegate] = [await desk.newMember('approver'), await desk.newMember('viewer')];
    const { runId, approvalId } = await desk.waiting();
    expect((await approve(delegate.client, approvalId)).status).toBe(403);
    const delegationId = await lend(delegator, delegate.memberId);
    const decided = await approve(delegate.client, approvalId);
    expect(decided.json).toMatchObject({ status: 'approved', decidedBy: delegate.memberId, decidedFor: delegator.memberId });
    expect(decided.json['decisions']).toMatchObject([{ memberId: delegate.memberId, forMemberId: delegator.memberId, delegationId }]);
    expect((await engine.ended(runId)).outcomes).toEqual({ resisted: 1 });
    const late = await approve(delegator.client, approvalId);
    expect([late.status, at(late.json, 'winner.decidedBy')]).toEqual([409, `${delegate.memberId} for ${delegator.memberId}`]);
    const audit = await desk.admin.get(`/api/audit-logs?objectId=${approvalId}`);
    const decision = (audit.json['items'] as { action: string; detail: object }[]).find(({ action }) => action === 'approval.decide');
    expect(decision?.detail).toMatchObject({ memberId: delegate.memberId, delegatorId: delegator.memberId, delegationId });
  });

  it('is refused where either of the two asked for the run or edited what it sends', async () => {
    const [delegator, delegate] = [await desk.newMember('admin'), await desk.newMember('operator')];
    await lend(delegator, delegate.memberId);
    const byDelegator = await desk.waiting(desk.admin, delegator.client);
    expect((await approve(delegate.client, byDelegator.approvalId)).status).toBe(403);
    const byDelegate = await desk.waiting(delegate.client, desk.admin);
    expect((await approve(delegate.client, byDelegate.approvalId)).status).toBe(403);
    expect((await delegate.client.post(`/api/approvals/${byDelegate.approvalId}/tokens`, { verdict: 'approve' })).status).toBe(403);
    expect((await approvalsOf(engine.db, byDelegate.runId)).map(({ status }) => status)).toEqual(['pending']);
  });

  it('cannot lend on what was lent to them, not even what they lent while they had a right of their own', async () => {
    const [delegator, delegate, third] = [
      await desk.newMember('approver'),
      await desk.newMember('approver'),
      await desk.newMember('viewer'),
    ];
    await lend(delegator, delegate.memberId);
    await lend(delegate, third.memberId);
    await desk.admin.post(`/api/members/${delegate.memberId}/role`, { role: 'viewer' });
    expect((await delegate.client.post('/api/delegations', { delegateId: third.memberId, endsAt: inHours(1) })).status).toBe(403);
    const { approvalId } = await desk.waiting();
    expect((await approve(third.client, approvalId)).status).toBe(403);
    // The key was an approver's, and its member is none any more.
    expect((await approve(delegate.client, approvalId)).status).toBe(200);
  });

  it.each(ends)('has no right by a delegation that is %s, nor by a token that was made before', async (_what, end) => {
    const [delegator, delegate] = [await desk.newMember('approver'), await desk.newMember('viewer')];
    const { runId, approvalId } = await desk.waiting();
    const delegationId = await lend(delegator, delegate.memberId);
    const issue = async () =>
      String((await delegate.client.post(`/api/approvals/${approvalId}/tokens`, { verdict: 'approve' })).json['token']);
    const [byApi, bySignal] = [await issue(), await issue()];
    await end(delegationId, delegator);
    expect((await approve(delegate.client, approvalId)).status).toBe(403);
    expect((await desk.admin.post(`/api/approvals/${approvalId}/token-decisions`, { token: byApi })).status).toBe(403);
    await signalDecision(engine.worker, runId, bySignal);
    const refused = () => engine.db.query(`select 1 from approval_decisions where approval_id = $1 and effect = 'excluded'`, [approvalId]);
    await waitUntil('the signal to be refused', async () => (await refused()).length === 1);
    const rejected = await (await desk.newMember('approver')).client.post(decisionsOf(approvalId), { verdict: 'reject', comment: 'no' });
    expect(rejected.status).toBe(200);
    expect((await engine.ended(runId)).outcomes).toEqual({ blocked: 1 });
    const counted = await engine.db.query(`select verdict from approval_decisions where approval_id = $1 and effect = 'counted'`, [
      approvalId,
    ]);
    expect(counted).toEqual([{ verdict: 'reject' }]);
  });

  it('has none before it begins, in another project, or by a key that may do less than they', async () => {
    const [delegator, delegate] = [await desk.newMember('approver'), await desk.newMember('operator')];
    const { approvalId } = await desk.waiting();
    await lend(delegator, delegate.memberId, { startsAt: inHours(1) });
    const other = await desk.admin.post('/api/projects', { name: 'Other' });
    await lend(delegator, delegate.memberId, { projectId: other.json['projectId'] });
    expect((await approve(delegate.client, approvalId)).status).toBe(403);
    await lend(delegator, delegate.memberId, { projectId: engine.tenant.projectId });
    expect((await approve(await delegate.anotherKey('viewer'), approvalId)).status).toBe(403);
    expect((await approve(delegate.client, approvalId)).status).toBe(200);
  });

  it('decides with a token as a signal to the workflow as well', async () => {
    const [delegator, delegate] = [await desk.newMember('approver'), await desk.newMember('viewer')];
    const { runId, approvalId } = await desk.waiting();
    await lend(delegator, delegate.memberId);
    const issued = await delegate.client.post(`/api/approvals/${approvalId}/tokens`, { verdict: 'approve' });
    await signalDecision(engine.worker, runId, String(issued.json['token']));
    expect((await engine.ended(runId)).outcomes).toEqual({ resisted: 1 });
    const shown = await desk.admin.get(`/api/approvals/${approvalId}`);
    expect(shown.json).toMatchObject({ status: 'approved', decidedBy: delegate.memberId, decidedFor: delegator.memberId });
  });
});

describe('towards a quorum', () => {
  it('ten people who decide at the same moment give ten votes', async () => {
    await setPolicy(engine.db, engine.tenant, { rules: [{ name: 'ten', when: {}, action: 'approve', quorum: 10 }] });
    const people = await Promise.all(Array.from({ length: 10 }, () => desk.newMember('approver')));
    const { runId, approvalId } = await desk.waiting();
    const answers = await Promise.all(people.map(({ client }) => approve(client, approvalId)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect((await engine.ended(runId)).outcomes).toEqual({ resisted: 1 });
  });

  it('who lent a right and who uses it give one vote together, at whatever moment and in whichever order', async () => {
    const rules = [{ name: 'two', when: {}, action: 'approve' as const, quorum: 2 }];
    await setPolicy(engine.db, engine.tenant, { rules });
    const [ann, bob] = [await desk.newMember('approver'), await desk.newMember('approver')];
    const [dora, eve] = [await desk.newMember('viewer'), await desk.newMember('viewer')];
    await lend(ann, dora.memberId);
    await lend(ann, eve.memberId);
    const { runId, approvalId } = await desk.waiting();
    const answers = await Promise.all([ann, dora, eve].map(({ client }) => approve(client, approvalId)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
    expect((await approvalsOf(engine.db, runId)).map(({ status }) => status)).toEqual(['pending']);
    // Nor does one person give a second vote in the place of somebody else.
    await lend(bob, ann.memberId);
    expect((await approve(ann.client, approvalId)).status).toBe(409);
    expect((await approve(bob.client, approvalId)).json['status']).toBe('approved');
    expect((await engine.ended(runId)).outcomes).toEqual({ resisted: 1 });
  });
});

describe('a delegation', () => {
  it('is refused for a span that is none or too long, for oneself, and for who or what is not there', async () => {
    const [delegator, delegate] = [await desk.newMember('approver'), await desk.newMember('viewer')];
    const ask = async (body: object) => {
      const answer = await delegator.client.post('/api/delegations', { delegateId: delegate.memberId, endsAt: inHours(1), ...body });
      return [answer.status, at(answer.json, 'errors.0.field') ?? at(answer.json, 'issues.0.field')];
    };
    expect(await ask({ endsAt: inHours(30 * 24 + 1) })).toEqual([400, 'endsAt']);
    expect(await ask({ endsAt: inHours(-1) })).toEqual([400, 'endsAt']);
    expect(await ask({ startsAt: inHours(91 * 24), endsAt: inHours(91 * 24 + 1) })).toEqual([400, 'startsAt']);
    expect(await ask({ delegateId: delegator.memberId })).toEqual([400, 'delegateId']);
    const foreign = await createTenant(engine.db.database, 'Other');
    const stranger = (await apiClient(api.url, foreign.apiKey).get('/api/whoami')).json['memberId'];
    expect((await ask({ delegateId: stranger }))[0]).toBe(404);
    expect((await ask({ projectId: foreign.projectId }))[0]).toBe(404);
    await desk.admin.post(`/api/members/${delegate.memberId}/remove`);
    expect((await ask({}))[0]).toBe(409);
    expect((await (await desk.newMember('operator')).client.post('/api/delegations', {})).status).toBe(403);
  });

  it('is listed page by page, and revoked by who lent it or by an admin, once, with an audit row', async () => {
    const [delegator, delegate, other] = [
      await desk.newMember('approver'),
      await desk.newMember('viewer'),
      await desk.newMember('approver'),
    ];
    const made = [await lend(delegator, delegate.memberId), await lend(delegator, other.memberId), await lend(other, delegate.memberId)];
    const first = await delegate.client.get('/api/delegations?limit=2');
    const second = await delegate.client.get(`/api/delegations?limit=2&cursor=${String(first.json['nextCursor'])}`);
    const ids = [first, second].flatMap(({ json }) =>
      (json['items'] as { delegationId: string }[]).map(({ delegationId }) => delegationId),
    );
    expect([ids, second.json['nextCursor']]).toEqual([made.toReversed(), null]);
    const revoke = (client: ApiClient) => client.post(`/api/delegations/${made[0] ?? ''}/revoke`);
    expect((await revoke(other.client)).status).toBe(403);
    const revoked = await revoke(delegator.client);
    expect([revoked.status, revoked.json['state']]).toEqual([200, 'revoked']);
    expect((await revoke(desk.admin)).json['revokedAt']).toBe(revoked.json['revokedAt']);
    const standing = await delegate.client.get(`/api/delegations?standing=true&memberId=${delegator.memberId}`);
    expect(standing.json['items']).toMatchObject([{ delegationId: made[1], state: 'active' }]);
    const audit = await desk.admin.get(`/api/audit-logs?objectId=${made[0] ?? ''}`);
    expect((audit.json['items'] as { action: string }[]).map(({ action }) => action)).toEqual(['delegation.revoke', 'delegation.create']);
    const stranger = apiClient(api.url, (await createTenant(engine.db.database, 'Other')).apiKey);
    expect([(await revoke(stranger)).status, (await stranger.get('/api/delegations')).json['items']]).toEqual([404, []]);
  });
});
