import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ApprovalId, RunId } from '../../domain/ids.ts';
import { ApprovalDesk, decisionsOf, type DeskMember, type WaitingRun } from '../harness/approval-desk.ts';
import { setPolicy, strictPolicy } from '../harness/approvals.ts';
import { useEngine } from '../harness/engine.ts';
import { startTestApi, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const engine = useEngine({ hasReconciler: true });
let api: TestApi;
let desk: ApprovalDesk;
let approver: DeskMember;

beforeAll(async () => {
  api = await startTestApi({ database: engine.db.database, taskQueue: engine.worker.taskQueue, allowPorts: [engine.agent.port] });
  desk = new ApprovalDesk({ db: engine.db, url: api.url, tenant: engine.tenant, agentUrl: engine.agent.url });
  await setPolicy(engine.db, engine.tenant, strictPolicy);
  approver = await desk.newMember('approver');
});
afterAll(() => api.close());

/** Members who may do everything, so that nothing but their part in the work keeps them from approving. */
function admins(count: number): Promise<DeskMember[]> {
  return Promise.all(Array.from({ length: count }, () => desk.newMember('admin')));
}

const decide = (client: ApiClient, approvalId: ApprovalId) => client.post(decisionsOf(approvalId), { verdict: 'approve' });
const askForToken = (client: ApiClient, approvalId: ApprovalId) =>
  client.post(`/api/approvals/${approvalId}/tokens`, { verdict: 'approve' });

/** Neither decides nor gets a token, by any key, and one that is made now neither. */
async function expectNoSay({ client, anotherKey }: DeskMember, approvalId: ApprovalId): Promise<void> {
  for (const key of [client, await anotherKey(), await anotherKey('approver')]) {
    expect([(await decide(key, approvalId)).status, (await askForToken(key, approvalId)).status]).toEqual([403, 403]);
  }
}

/** Ends what waits, so that nobody else's test waits for it. */
async function expectLastSay(approvalId: ApprovalId): Promise<void> {
  expect((await decide(approver.client, approvalId)).json['status']).toBe('approved');
}

async function stopped(runId: RunId): Promise<void> {
  expect((await desk.admin.post(`/api/runs/${runId}/stop`)).status).toBeLessThan(300);
  await engine.ended(runId);
}

async function retriedBy({ client }: DeskMember, runId: RunId): Promise<WaitingRun> {
  const answer = await client.post(`/api/runs/${runId}/retry`);
  expect([answer.status, answer.json['detail']]).toEqual([202, undefined]);
  return desk.waitingOf(String(answer.json['runId']) as RunId);
}

describe('no say has', () => {
  it('whoever asked for the run, by any key of theirs, a later one, and by no right that was lent to them', async () => {
    const [requester] = (await admins(1)) as [DeskMember];
    const { approvalId } = await desk.waiting(desk.admin, requester.client);
    await expectNoSay(requester, approvalId);
    const lent = { delegateId: requester.memberId, endsAt: new Date(Date.now() + 3_600_000).toISOString() };
    expect((await approver.client.post('/api/delegations', lent)).status).toBe(201);
    await desk.admin.post(`/api/members/${requester.memberId}/role`, { role: 'viewer' });
    expect((await decide(requester.client, approvalId)).status).toBe(403);
    await desk.admin.post(`/api/members/${requester.memberId}/role`, { role: 'admin' });
    await expectNoSay(requester, approvalId);
    await expectLastSay(approvalId);
  });

  it('whoever has ever edited the script or the target, an earlier version too', async () => {
    const [author, editor, requester, owner] = (await admins(4)) as [DeskMember, DeskMember, DeskMember, DeskMember];
    const slug = await desk.riskyScript(author.client);
    await desk.riskyScript(editor.client, slug);
    const targetId = await desk.targetId();
    const target = await owner.client.get(`/api/targets/${targetId}`);
    const change = { name: 'agent', definition: target.json['definition'] };
    expect((await owner.client.patch(`/api/targets/${targetId}`, change)).status).toBe(200);
    const run = await requester.client.post(`/api/projects/${engine.tenant.projectId}/runs`, { targetId, scripts: [slug] });
    const { approvalId } = await desk.waitingOf(String(run.json['runId']) as RunId);
    for (const member of [author, editor, owner, requester]) await expectNoSay(member, approvalId);
    // Who made the target is the first admin.
    expect((await decide(desk.admin, approvalId)).status).toBe(403);
    await expectLastSay(approvalId);
  });

  it('whoever planned a held run, and whoever executed it', async () => {
    const [planner, executor] = (await admins(2)) as [DeskMember, DeskMember];
    const body = { targetId: await desk.targetId(), scripts: [await desk.riskyScript()], start: false };
    const planned = await planner.client.post(`/api/projects/${engine.tenant.projectId}/runs`, body);
    const runId = String(planned.json['runId']) as RunId;
    expect((await executor.client.post(`/api/runs/${runId}/execute`)).status).toBe(202);
    const { approvalId } = await desk.waitingOf(runId);
    await expectNoSay(planner, approvalId);
    await expectNoSay(executor, approvalId);
    await expectLastSay(approvalId);
  });

  it('whoever asked for a retry, and for any run that it goes back to', async () => {
    const [first, second, third] = (await admins(3)) as [DeskMember, DeskMember, DeskMember];
    const source = await desk.waiting(desk.admin, first.client);
    await stopped(source.runId);
    const retry = await retriedBy(second, source.runId);
    await expectNoSay(first, retry.approvalId);
    await expectNoSay(second, retry.approvalId);
    await stopped(retry.runId);
    const again = await retriedBy(third, retry.runId);
    for (const member of [first, second, third]) await expectNoSay(member, again.approvalId);
    await expectLastSay(again.approvalId);
  });

  it('whoever made a schedule, changed it, or had it made up for the past, nor for a retry of what it started', async () => {
    const [maker, changer, backfiller, retrier] = (await admins(4)) as [DeskMember, DeskMember, DeskMember, DeskMember];
    const body = {
      name: 'nightly',
      timing: { cron: ['0 3 * * *'] },
      run: { targetId: await desk.targetId(), scripts: [await desk.riskyScript()] },
      isPaused: true,
    };
    const made = await maker.client.post(`/api/projects/${engine.tenant.projectId}/schedules`, body);
    const path = `/api/schedules/${String(made.json['scheduleId'])}`;
    expect((await changer.client.post(path, { name: 'every night' })).status).toBe(200);
    const span = { from: '2026-11-10T00:00:00Z', to: '2026-11-10T23:00:00Z' };
    await waitUntil('Temporal to take it', async () => (await backfiller.client.post(`${path}/backfill`, span)).status === 202);
    const runId = await waitUntil(
      'the firing',
      async () => ((await maker.client.get(`${path}/firings`)).json['items'] as { runId: RunId }[])[0]?.runId,
    );
    const { approvalId } = await desk.waitingOf(runId);
    for (const member of [maker, changer, backfiller]) await expectNoSay(member, approvalId);
    await stopped(runId);
    const retry = await retriedBy(retrier, runId);
    for (const member of [maker, changer, backfiller, retrier]) await expectNoSay(member, retry.approvalId);
    await expectLastSay(retry.approvalId);
    await maker.client.post(`${path}/delete`);
  });
});
