import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { applyDecision } from '../../db/approvals/apply-decision.ts';
import { endApproval, expireApproval } from '../../db/approvals/end-approval.ts';
import { requestStop } from '../../db/runs/request-stop.ts';
import { withOrg, type OrgTransaction } from '../../db/with-org.ts';
import { createLogger } from '../../runtime/logger.ts';
import { secretKeyOf } from '../../runtime/secret-box.ts';
import { holdingSignatures, startWebhookReceiver, type WebhookReceiver } from '../fakes/webhook-receiver.ts';
import { addMember, giveDecision } from '../harness/approvals.ts';
import { createTenant, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, at, startTestApi, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { testSecretKey } from '../harness/test-worker.ts';
import { ask, asked, deliver, deliveriesOf, keeperFor, planned, subscribe } from '../harness/webhooks.ts';

let db: TestDatabase;
let api: TestApi;
let receiver: WebhookReceiver;
const logLines: string[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  receiver = await startWebhookReceiver();
  api = await startTestApi({ database: db.database, allowPorts: [receiver.port], onLog: (line) => void logLines.push(line) });
});
afterAll(async () => {
  await api.close();
  await receiver.close();
  await db.drop();
});

const url = 'https://hooks.example.com/ordeal?token=of-the-receiver';

async function newTenant(): Promise<{ tenant: TestTenant; client: ApiClient }> {
  const tenant = await createTenant(db.database);
  return { tenant, client: apiClient(api.url, tenant.apiKey) };
}

function inOrg<Result>({ orgId }: TestTenant, work: (tx: OrgTransaction) => Promise<Result>): Promise<Result> {
  return withOrg(db.database, orgId, work);
}

const eventsOf = async (client: ApiClient, webhookId: string): Promise<string[]> =>
  (await deliveriesOf(client, webhookId)).map(({ event }) => event).toSorted();

describe('a webhook', () => {
  it('is made with a secret that is shown once, listed, changed, disabled and removed', async () => {
    const { client } = await newTenant();
    const made = await client.post('/api/webhooks', { url });
    expect([made.status, made.json['projectId'], (made.json['events'] as string[]).length]).toEqual([201, null, 5]);
    expect(made.json['secret']).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const path = `/api/webhooks/${String(made.json['webhookId'])}`;
    const { secret: _, ...rest } = made.json;
    expect((await client.get('/api/webhooks')).json['items']).toEqual([rest]);
    const changed = await client.patch(path, { events: ['approval.expired'], isEnabled: false });
    expect(changed.json).toMatchObject({ url, events: ['approval.expired'], isEnabled: false, disabledBy: expect.stringMatching(/^key_/) });
    expect((await client.patch(path, { isEnabled: true })).json).toMatchObject({ isEnabled: true, disabledAt: null, disabledBy: null });
    expect((await client.post(`${path}/remove`)).status).toBe(200);
    expect((await client.get('/api/webhooks')).json['items']).toEqual([]);
    expect((await client.post(`${path}/remove`)).status).toBe(404);
    expect((await client.patch(path, { isEnabled: true })).status).toBe(404);
  });

  it('is refused where the outbound policy is, and where it says nothing', async () => {
    const { client } = await newTenant();
    for (const bad of [
      'http://127.0.0.1:1/hook',
      'http://10.0.0.1/hook',
      'http://169.254.169.254/latest/meta-data',
      'http://metadata.google.internal/',
      'http://[::ffff:169.254.169.254]/',
      'http://0x7f000001/',
      'https://user:password@hooks.example.com/',
      'https://hooks.example.com:6379/',
    ]) {
      const refused = await client.post('/api/webhooks', { url: bad });
      expect([bad, refused.status, at(refused.json, 'issues.0.field')]).toEqual([bad, 422, 'url']);
    }
    for (const body of [
      {},
      { url: 'ftp://x/' },
      { url: 'nonsense' },
      { url, events: [] },
      { url, events: ['run.ended'] },
      { url, more: 1 },
    ]) {
      expect([body, (await client.post('/api/webhooks', body)).status]).toEqual([body, 400]);
    }
    const { webhookId } = await subscribe(client, url);
    expect((await client.patch(`/api/webhooks/${webhookId}`, { url: 'http://192.168.1.1/' })).status).toBe(422);
    expect((await client.post('/api/webhooks', { url, projectId: 'prj_01k9z3v4x5y6a7b8c9d0e1f2g3' })).status).toBe(404);
  });

  it('is one of 20 at most, also when more are asked for at once', async () => {
    const { client } = await newTenant();
    const statuses = await Promise.all(Array.from({ length: 25 }, async () => (await client.post('/api/webhooks', { url })).status));
    expect([201, 409].map((wanted) => statuses.filter((status) => status === wanted).length)).toEqual([20, 5]);
    const first = await client.get('/api/webhooks?limit=15');
    const second = await client.get(`/api/webhooks?limit=15&cursor=${String(first.json['nextCursor'])}`);
    expect([(first.json['items'] as []).length, (second.json['items'] as []).length, second.json['nextCursor']]).toEqual([15, 5, null]);
  });

  it('tells its secret nowhere but in the answer that made it', async () => {
    const { client } = await newTenant();
    const { webhookId, secret } = await subscribe(client, receiver.url);
    const rotated = await client.post(`/api/webhooks/${webhookId}/rotate`, {});
    await client.post(`/api/webhooks/${webhookId}/test`);
    const log = createLogger({ name: 'test-webhooks', level: 'trace', destination: { write: (line) => void logLines.push(line) } });
    const keeper = keeperFor(db.database, [receiver.port], { log });
    await deliver(keeper);
    expect(logLines.join()).toContain('webhook attempted');
    await keeper.stop();
    const paths = ['/api/webhooks', `/api/webhooks/${webhookId}/deliveries`, '/api/audit-logs'];
    const answers = await Promise.all(paths.map(async (path) => (await client.get(path)).text));
    const tables = await db.query<{ name: string }>(
      "select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p')",
    );
    const rows = await Promise.all(tables.map(({ name }) => db.query(`select * from "${name}"`)));
    const everything = JSON.stringify([answers, rows, logLines]);
    expect(everything).toContain(webhookId);
    for (const one of [secret, String(rotated.json['secret'])]) expect(everything).not.toContain(one.slice('whsec_'.length, -1));
    // Nor is the rest of an address, which may be a secret of the receiver's, in what leaves the database.
    await subscribe(client, url);
    expect((await client.get('/api/audit-logs')).text).not.toContain('of-the-receiver');
  });

  it('that is rotated signs with both secrets until the old one ends', async () => {
    const { client } = await newTenant();
    const { webhookId, secret: old } = await subscribe(client, receiver.url);
    const rotated = await client.post(`/api/webhooks/${webhookId}/rotate`, { overlapHours: 1 });
    const fresh = String(rotated.json['secret']);
    const keeper = keeperFor(db.database, [receiver.port]);
    const next = async () => {
      await client.post(`/api/webhooks/${webhookId}/test`);
      await deliver(keeper);
      const webhook = receiver.received.at(-1);
      if (webhook === undefined) throw new Error('nothing came');
      return [webhook.signatures.length, await holdingSignatures(webhook, old), await holdingSignatures(webhook, fresh)];
    };
    expect(await next()).toEqual([2, 1, 1]);
    await db.query("update webhooks set previous_secret_until = now() - interval '1 second' where webhook_id = $1", [webhookId]);
    expect(await next()).toEqual([1, 0, 1]);
    await client.post(`/api/webhooks/${webhookId}/rotate`, { overlapHours: 0 });
    expect(await next()).toEqual([1, 0, 0]);
    await keeper.stop();
  });

  it('is sealed anew with the rest, both secrets of a rotation, and goes on signing', async () => {
    const { client, tenant } = await newTenant();
    const { webhookId, secret } = await subscribe(client, receiver.url);
    await client.post(`/api/webhooks/${webhookId}/rotate`, {});
    const newest = secretKeyOf(Buffer.alloc(32, 9));
    const after = await startTestApi({ database: db.database, secretKeys: [newest, testSecretKey] });
    const resealed = await apiClient(after.url, tenant.apiKey).post('/api/secrets/reseal');
    expect(resealed.json).toMatchObject({ resealed: 2, unreadable: [] });
    await after.close();
    await client.post(`/api/webhooks/${webhookId}/test`);
    const keeper = keeperFor(db.database, [receiver.port], { secretKeys: [newest] });
    await deliver(keeper);
    await keeper.stop();
    const webhook = receiver.received.at(-1);
    expect(webhook === undefined ? 0 : await holdingSignatures(webhook, secret)).toBe(1);
  });
});

describe('what happens to an approval', () => {
  it('makes exactly one delivery for each webhook that wants to know, whatever ends it and however often that is tried', async () => {
    const { client, tenant } = await newTenant();
    const { orgId } = tenant;
    const all = await subscribe(client, url);
    const ends = await subscribe(client, url, { events: ['approval.decided', 'approval.expired'], projectId: tenant.projectId });
    const other = await client.post('/api/projects', { name: 'Other' });
    const elsewhere = await subscribe(client, url, { projectId: other.json['projectId'] });
    const runId = await planned(db.database, tenant);
    const approvals = [];
    for (let count = 0; count < 5; count += 1) approvals.push(await asked(db.database, tenant, runId));
    const [approved, rejected, expired, voided] = approvals;
    if (approved === undefined || rejected === undefined || expired === undefined || voided === undefined) throw new Error('none');
    const memberId = await addMember(db, tenant, 'approver');
    for (const [approval, verdict] of [
      [approved, 'approve'],
      [rejected, 'reject'],
    ] as const) {
      const decisionId = await giveDecision(db, tenant, { approvalId: approval.approvalId, memberId, verdict });
      await Promise.all(Array.from({ length: 3 }, () => inOrg(tenant, (tx) => applyDecision(tx, { orgId, decisionId }))));
    }
    await db.query('update approvals set expires_at = now() where approval_id = $1', [expired.approvalId]);
    await Promise.all(Array.from({ length: 3 }, () => inOrg(tenant, (tx) => expireApproval(tx, expired))));
    await inOrg(tenant, (tx) => endApproval(tx, voided, { status: 'voided', decidedBy: 'a change of what would be sent' }));
    await inOrg(tenant, (tx) => requestStop(tx, { orgId, runId, requestedBy: 'Ada' }));
    expect(await eventsOf(client, all.webhookId)).toEqual([
      'approval.decided',
      'approval.decided',
      'approval.expired',
      ...Array.from({ length: 5 }, () => 'approval.requested'),
      'approval.withdrawn',
      'approval.withdrawn',
    ]);
    expect(await eventsOf(client, ends.webhookId)).toEqual(['approval.decided', 'approval.decided', 'approval.expired']);
    expect(await eventsOf(client, elsewhere.webhookId)).toEqual([]);
    expect(await endsTold(client, all.webhookId)).toEqual([
      { status: 'approved', decidedBy: { id: memberId, name: 'A approver' } },
      { status: 'cancelled', decidedBy: { id: 'Ada', name: null } },
      { status: 'expired', decidedBy: { id: 'the clock', name: null } },
      { status: 'rejected', decidedBy: { id: memberId, name: 'A approver' } },
      { status: 'voided', decidedBy: { id: 'a change of what would be sent', name: null } },
    ]);
  });

  async function endsTold(client: ApiClient, webhookId: string): Promise<unknown[]> {
    const ended = (await deliveriesOf(client, webhookId)).filter(({ event }) => event !== 'approval.requested');
    const bodies = ended.map(async ({ deliveryId }) => String((await client.get(`/api/webhook-deliveries/${deliveryId}`)).json['body']));
    return (await Promise.all(bodies))
      .map((body) => (JSON.parse(body) as { data: { status: string; decidedBy: object } }).data)
      .map(({ status, decidedBy }) => ({ status, decidedBy }))
      .toSorted((one, other) => one.status.localeCompare(other.status));
  }

  it('and is rolled back makes none', async () => {
    const { client, tenant } = await newTenant();
    const { webhookId } = await subscribe(client, url);
    const runId = await planned(db.database, tenant);
    const approval = await asked(db.database, tenant, runId);
    const broken = inOrg(tenant, async (tx) => {
      await ask(tx, tenant, runId);
      await endApproval(tx, approval, { status: 'voided', decidedBy: 'a test' });
      throw new Error('and then it broke');
    });
    await expect(broken).rejects.toThrow('and then it broke');
    expect(await eventsOf(client, webhookId)).toEqual(['approval.requested']);
  });

  it('is told to nobody of another organization', async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    const foreign = await subscribe(two.client, url);
    const own = await subscribe(one.client, url);
    await asked(db.database, one.tenant, await planned(db.database, one.tenant));
    expect(await eventsOf(two.client, foreign.webhookId)).toEqual([]);
    const [delivery] = await deliveriesOf(one.client, own.webhookId);
    const path = `/api/webhook-deliveries/${delivery?.deliveryId ?? ''}`;
    expect([(await one.client.get(path)).status, (await two.client.get(path)).status]).toEqual([200, 404]);
    expect((await two.client.post(`${path}/redeliver`)).status).toBe(404);
    expect((await two.client.get(`/api/webhooks/${own.webhookId}/deliveries`)).status).toBe(404);
  });

  it('is not told by a webhook that is disabled at the same moment: nothing of it stays pending', async () => {
    const { client, tenant } = await newTenant();
    const runId = await planned(db.database, tenant);
    for (let round = 0; round < 10; round += 1) {
      const { webhookId } = await subscribe(client, url);
      await Promise.all([
        client.post(`/api/webhooks/${webhookId}/remove`),
        ...Array.from({ length: 4 }, () => asked(db.database, tenant, runId)),
      ]);
      const pending = await db.query("select from webhook_deliveries where webhook_id = $1 and status = 'pending'", [webhookId]);
      expect(pending).toEqual([]);
    }
  });
});
