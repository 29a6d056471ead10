import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { withOrg } from '../../db/with-org.ts';
import type { RunId } from '../../domain/ids.ts';
import { guardStatementNames } from '../../domain/production-guard.ts';
import { waitingForLock } from '../harness/database-locks.ts';
import { addMember, decide, pendingApprovals } from '../harness/approvals.ts';
import { useEngine } from '../harness/engine.ts';
import { targetAt } from '../harness/plan-run.ts';
import { apiClient, startTestApi, type ApiAnswer, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const engine = useEngine();
let api: TestApi;
let client: ApiClient;
/** Without Temporal: what is started there waits in the queue. */
let idleApi: TestApi;
let idleClient: ApiClient;

beforeAll(async () => {
  const options = { database: engine.db.database, allowPorts: [engine.agent.port] };
  api = await startTestApi({ ...options, taskQueue: engine.worker.taskQueue });
  idleApi = await startTestApi({ ...options, temporalAddress: '127.0.0.1:1' });
  client = apiClient(api.url, engine.tenant.apiKey);
  idleClient = apiClient(idleApi.url, engine.tenant.apiKey);
});
afterAll(() => Promise.all([api.close(), idleApi.close()]));

interface Shop {
  readonly projectId: string;
  readonly targetId: string;
}

async function confirmedShop(): Promise<Shop> {
  engine.agent.seen.length = 0;
  const project = await client.post('/api/projects', { name: 'Shop', environment: 'production' });
  const projectId = String(project.json['projectId']);
  const target = await client.post(`/api/projects/${projectId}/targets`, { name: 'agent', definition: targetAt(engine.agent.url) });
  const shop = { projectId, targetId: String(target.json['targetId']) };
  await confirm(shop);
  return shop;
}

async function confirm({ projectId }: Shop): Promise<void> {
  for (const statement of guardStatementNames) {
    const { status } = await client.post(`/api/projects/${projectId}/confirmations`, { statement, reason: 'looked' });
    expect(status).toBe(201);
  }
}

const moveTarget = ({ targetId }: Shop): Promise<ApiAnswer> =>
  client.patch(`/api/targets/${targetId}`, { definition: targetAt(`${engine.agent.url}?elsewhere`) });

async function start(by: ApiClient, { projectId, targetId }: Shop, more: object = {}): Promise<RunId> {
  const answer = await by.post(`/api/projects/${projectId}/runs`, { targetId, scripts: ['S1'], ...more });
  expect([answer.status, answer.json['detail']]).toEqual([202, undefined]);
  return answer.json['runId'] as RunId;
}

async function expectNothingSent(runId: RunId): Promise<void> {
  expect(await engine.ended(runId)).toMatchObject({
    status: 'stopped',
    reason: expect.stringMatching(/^Not begun: the project is production, and what this run was started under/) as string,
  });
  expect(await engine.attempts(runId)).toEqual([]);
  expect(engine.agent.seen).toEqual([]);
}

describe('what was confirmed of a target that was changed since', () => {
  it('lets no run begin that waited in the queue, although the target as it is now is confirmed', async () => {
    const shop = await confirmedShop();
    const runId = await start(idleClient, shop);
    await moveTarget(shop);
    await confirm(shop);
    await engine.worker.runs.start(engine.tenant.orgId, runId);
    await expectNothingSent(runId);
  });

  it('lets no run begin that waited to be approved as a whole', async () => {
    const shop = await confirmedShop();
    const runId = await start(client, shop);
    const [approval] = await pendingApprovals(engine.db, runId, 1);
    await moveTarget(shop);
    const memberId = await addMember(engine.db, engine.tenant, 'approver');
    await decide(engine, runId, { approvalId: approval?.approval_id ?? fail(), memberId, verdict: 'approve' });
    await expectNothingSent(runId);
  });

  it('lets no held run start that was planned for what the target was', async () => {
    const shop = await confirmedShop();
    const runId = await start(client, shop, { start: false });
    await moveTarget(shop);
    expect((await client.post(`/api/runs/${runId}/execute`)).status).toBe(403);
    await confirm(shop);
    const refused = await client.post(`/api/runs/${runId}/execute`);
    expect([refused.status, refused.json['detail']]).toEqual([409, expect.stringContaining('Plan it again')]);
    expect(engine.agent.seen).toEqual([]);
  });

  it('lets a held run start whose target is what it was, under what is confirmed then', async () => {
    const shop = await confirmedShop();
    const runId = await start(client, shop, { start: false });
    await client.post(`/api/projects/${shop.projectId}/environment`, { environment: 'staging' });
    await client.post(`/api/projects/${shop.projectId}/environment`, { environment: 'production' });
    await confirm(shop);
    expect((await client.post(`/api/runs/${runId}/execute`)).status).toBe(202);
    await pendingApprovals(engine.db, runId, 1);
    await client.post(`/api/runs/${runId}/stop`);
    await engine.ended(runId);
  });

  it('is void for a retry as for any run', async () => {
    const shop = await confirmedShop();
    const runId = await start(client, shop);
    await client.post(`/api/runs/${runId}/stop`);
    await engine.ended(runId);
    await moveTarget(shop);
    const retried = await client.post(`/api/runs/${runId}/retry`);
    expect([retried.status, retried.json['type']]).toEqual([403, 'urn:ordeal:problem:production_unconfirmed']);
  });

  it('is void for the firings of a schedule, which say so', async () => {
    const shop = await confirmedShop();
    const run = { targetId: shop.targetId, scripts: ['S1'] };
    await moveTarget(shop);
    const made = await client.post(`/api/projects/${shop.projectId}/schedules`, { name: 'often', timing: { everySeconds: 1 }, run });
    const scheduleId = String(made.json['scheduleId']);
    const [firing] = await waitUntil('a firing', async () => {
      const { json } = await client.get(`/api/schedules/${scheduleId}/firings`);
      const items = json['items'] as readonly object[];
      return items.length > 0 && items;
    });
    expect(firing).toMatchObject({ result: 'refused', runId: null, failure: 'production_unconfirmed' });
    await client.post(`/api/schedules/${scheduleId}/delete`);
  });
});

describe('every change of what a target is', () => {
  const changes: [string, string][] = [
    ['its name', `name = 'renamed'`],
    ['its definition', `definition = jsonb_set(definition, '{concurrency}', '7')`],
    ['its kind of credential', `auth_kind = 'bearer'`],
    ['its client certificate', 'has_client_certificate = not has_client_certificate'],
    ['its revision', 'revision = revision + 1'],
  ];
  it.each(changes)('voids the confirmations, whatever statement makes it: %s', async (_name, change) => {
    const shop = await confirmedShop();
    await engine.db.query(`update targets set ${change} where target_id = $1`, [shop.targetId]);
    expect(await standing(shop)).toBe(0);
  });

  it('a credential that is sealed anew with another key is no change', async () => {
    const shop = await confirmedShop();
    await engine.db.query(`update targets set sealed_auth = 'sealed anew' where target_id = $1`, [shop.targetId]);
    expect(await standing(shop)).toBe(3);
  });

  it.each([
    ['name', { name: 'another name' }],
    ['credential', { auth: { kind: 'bearer', token: 'a-new-credential-of-the-target' } }],
  ])('by the API voids them: its %s', async (_name, body) => {
    const shop = await confirmedShop();
    const changed = await client.patch(`/api/targets/${shop.targetId}`, body);
    expect(changed.status, changed.text).toBe(200);
    expect(await standing(shop)).toBe(0);
  });

  it('is waited for by whoever confirms while it is under way', async () => {
    const shop = await confirmedShop();
    const { orgId } = engine.tenant;
    await moveTarget(shop);
    let confirming: Promise<void> | undefined;
    await withOrg(engine.db.database, orgId, async (tx) => {
      await tx.updateTable('targets').set({ revision: 7 }).where('org_id', '=', orgId).where('target_id', '=', shop.targetId).execute();
      confirming = confirm(shop);
      await waitUntil('a confirmation that waits', async () => (await waitingForLock(engine.db)) > 0);
    });
    await confirming;
    // Given after the change was there to be seen, and so of the target as it is now.
    expect(await standing(shop)).toBe(3);
  });

  async function standing({ projectId }: Shop): Promise<number> {
    const rows = await waitUntil('an answer', () =>
      engine.db.query('select 1 from production_confirmations where project_id = $1 and voided_at is null', [projectId]),
    );
    return rows.length;
  }
});

function fail(): never {
  throw new Error('there is none');
}
