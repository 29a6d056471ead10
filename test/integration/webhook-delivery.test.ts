import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { webhookMessageSchema } from '../../contracts/webhook-message.ts';
import { claimDeliveries } from '../../db/system-queries.ts';
import type { Claim } from '../../db/webhooks/load-claimed.ts';
import { recordAttempt, type RecordedAttempt } from '../../db/webhooks/record-attempt.ts';
import { withOrg } from '../../db/with-org.ts';
import type { RunId } from '../../domain/ids.ts';
import type { WebhookKeeper } from '../../orchestration/webhook-keeper.ts';
import { createEgress } from '../../runtime/egress/egress.ts';
import { holdingSignatures, startWebhookReceiver, type WebhookReceiver } from '../fakes/webhook-receiver.ts';
import { createTenant, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, startTestApi, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { waitUntil } from '../harness/wait-until.ts';
import { ask, asked, attackText, deliver, deliveriesOf, keeperFor, makeDue, planned, subscribe } from '../harness/webhooks.ts';

let db: TestDatabase;
let receiver: WebhookReceiver;
let answer: Parameters<typeof startWebhookReceiver>[0];
let api: TestApi;
let tenant: TestTenant;
let client: ApiClient;
let runId: RunId;
let keeper: WebhookKeeper;

const taken: NonNullable<typeof answer> = (_, response) => void response.writeHead(204).end();

beforeAll(async () => {
  db = await createTestDatabase();
  receiver = await startWebhookReceiver((webhook, response) => (answer ?? taken)(webhook, response));
  api = await startTestApi({ database: db.database, allowPorts: [receiver.port] });
  keeper = keeperFor(db.database, [receiver.port]);
});
beforeEach(async () => {
  // A tenant of its own for each test; what another has left is not sent again.
  await db.query("update webhook_deliveries set status = 'failed', ended_at = now() where status = 'pending'");
  receiver.received.length = 0;
  answer = taken;
  tenant = await createTenant(db.database);
  client = apiClient(api.url, tenant.apiKey);
  runId = await planned(db.database, tenant);
});
afterAll(async () => {
  await keeper.stop();
  await api.close();
  await receiver.close();
  await db.drop();
});

describe('a delivery', () => {
  it('is signed as the standard says, tells facts, and nothing of what would be sent', async () => {
    const { secret, webhookId } = await subscribe(client, receiver.url);
    const { approvalId, payloadHash } = await asked(db.database, tenant, runId);
    const beforeSeconds = Math.floor(Date.now() / 1_000);
    await deliver(keeper);
    const afterSeconds = Math.floor(Date.now() / 1_000);
    const [webhook] = receiver.received;
    if (webhook === undefined) throw new Error('nothing came');
    expect(await holdingSignatures(webhook, secret)).toBe(1);
    expect(await holdingSignatures({ ...webhook, text: `${webhook.text} ` }, secret)).toBe(0);
    expect(webhook.timestamp).toBeGreaterThanOrEqual(beforeSeconds);
    expect(webhook.timestamp).toBeLessThanOrEqual(afterSeconds);
    expect(webhookMessageSchema.parse(webhook.json)).toMatchObject({
      type: 'approval.requested',
      data: {
        approvalId,
        runId,
        projectId: tenant.projectId,
        stepId: 'T1-1',
        risk: 'high',
        riskRules: ['command.sudo'],
        status: 'pending',
      },
    });
    expect(webhook.json.data).toMatchObject({ payloadHash, decidedBy: null, path: `/api/approvals/${approvalId}` });
    expect(webhook.text).not.toContain(attackText.slice(0, 8));
    const [stored] = await deliveriesOf(client, webhookId);
    expect(stored).toMatchObject({ deliveryId: webhook.id, status: 'delivered', attempts: 1, responseStatus: 204, nextAttemptAt: null });
  });

  it('that is answered 500 is made again with the same id and body, a new time and a new signature', async () => {
    const { secret, webhookId } = await subscribe(client, receiver.url);
    await asked(db.database, tenant, runId);
    answer = (_, response) => void response.writeHead(receiver.received.length === 1 ? 500 : 200).end();
    await deliver(keeper);
    const [waiting] = await deliveriesOf(client, webhookId);
    const waitMs = Date.parse(waiting?.nextAttemptAt ?? '') - Date.now();
    expect([waiting?.status, waiting?.responseStatus, waitMs > 3_000, waitMs < 12_000]).toEqual(['pending', 500, true, true]);
    await deliver(keeper);
    expect(receiver.received).toHaveLength(1);
    // A signature tells its second.
    await waitUntil('the next second', () => Promise.resolve(Math.floor(Date.now() / 1_000) > (receiver.received[0]?.timestamp ?? 0)));
    await makeDue(db);
    await deliver(keeper);
    const [first, second] = receiver.received;
    if (first === undefined || second === undefined) throw new Error('it was not made again');
    expect([second.id, second.text]).toEqual([first.id, first.text]);
    expect(second.timestamp).toBeGreaterThan(first.timestamp);
    expect(second.signatures).not.toEqual(first.signatures);
    expect(await holdingSignatures(second, secret)).toBe(1);
    expect(await deliveriesOf(client, webhookId)).toMatchObject([{ status: 'delivered', attempts: 2, responseStatus: 200 }]);
  });

  it('waits as long as the receiver asks by Retry-After', async () => {
    const { webhookId } = await subscribe(client, receiver.url);
    await asked(db.database, tenant, runId);
    answer = (_, response) => void response.writeHead(429, { 'retry-after': '900' }).end();
    await deliver(keeper);
    const [waiting] = await deliveriesOf(client, webhookId);
    expect(Date.parse(waiting?.nextAttemptAt ?? '') - Date.now()).toBeGreaterThan(880_000);
  });

  it('is given up after eight attempts, stays visible, and is made again when somebody asks for it', async () => {
    const { webhookId } = await subscribe(client, receiver.url);
    await asked(db.database, tenant, runId);
    answer = (_, response) => void response.writeHead(503).end();
    for (let attempt = 0; attempt < 10; attempt += 1) {
      await makeDue(db);
      await deliver(keeper);
    }
    expect(receiver.received).toHaveLength(8);
    const [failed] = await deliveriesOf(client, webhookId);
    expect(failed).toMatchObject({ status: 'failed', attempts: 8, responseStatus: 503 });
    expect((await client.get('/api/webhooks')).json['items']).toMatchObject([{ webhookId, failed: 1, pending: 0, isEnabled: true }]);
    answer = taken;
    const path = `/api/webhook-deliveries/${failed?.deliveryId ?? ''}`;
    expect((await client.post(`${path}/redeliver`)).json).toMatchObject({ status: 'pending', attempts: 0 });
    expect((await client.post(`${path}/redeliver`)).status).toBe(409);
    await deliver(keeper);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
    expect((await client.get(path)).json).toMatchObject({ status: 'delivered', attempts: 1, body: receiver.received[8]?.text });
  });

  it('is acknowledged by its status alone, however the body behind it goes on', async () => {
    const { webhookId } = await subscribe(client, receiver.url);
    await asked(db.database, tenant, runId);
    answer = (_, response) => void response.writeHead(200).end('x'.repeat(100_000));
    await deliver(keeper);
    expect(await deliveriesOf(client, webhookId)).toMatchObject([{ status: 'delivered', attempts: 1, responseStatus: 200 }]);
  });

  it('to a receiver that answers 410 is the last one: the webhook is disabled, and the audit log says so', async () => {
    const { webhookId } = await subscribe(client, receiver.url);
    await asked(db.database, tenant, runId);
    answer = (_, response) => void response.writeHead(410).end();
    await deliver(keeper);
    await asked(db.database, tenant, runId);
    expect((await client.get('/api/webhooks')).json['items']).toMatchObject([
      { webhookId, isEnabled: false, disabledBy: 'receiver', failed: 1 },
    ]);
    const audit = (await client.get(`/api/audit-logs?objectId=${webhookId}`)).json['items'] as { action: string; actor: string }[];
    expect(audit.map(({ action, actor }) => [action, actor === 'engine'])).toEqual([
      ['webhook.disable', true],
      ['webhook.create', false],
    ]);
    expect((await client.post(`/api/webhooks/${webhookId}/test`)).status).toBe(409);
    await client.patch(`/api/webhooks/${webhookId}`, { isEnabled: true });
    answer = taken;
    await asked(db.database, tenant, runId);
    await deliver(keeper);
    expect((await deliveriesOf(client, webhookId)).map(({ status }) => status)).toEqual(['delivered', 'failed']);
  });
});

describe('a receiver', () => {
  it('that never answers is given up after its time, and tried again', async () => {
    const { webhookId } = await subscribe(client, receiver.url);
    await asked(db.database, tenant, runId);
    answer = () => undefined;
    const impatient = keeperFor(db.database, [receiver.port], { timeoutMs: 2_000 });
    await deliver(impatient);
    await impatient.stop();
    expect(await deliveriesOf(client, webhookId)).toMatchObject([{ status: 'pending', attempts: 1, failure: 'headers_timeout' }]);
  });

  it('that never answers takes its own room and holds up no other webhook', async () => {
    const slow = await subscribe(client, `${receiver.url}/slow`);
    const quick = await subscribe(client, receiver.url);
    await withOrg(db.database, tenant.orgId, async (tx) => {
      for (let count = 0; count < 20; count += 1) await ask(tx, tenant, runId);
    });
    answer = (webhook, response) => {
      if (!webhook.path.endsWith('/slow')) taken(webhook, response);
    };
    // Far longer than this test takes: what is under way stays so.
    const patient = keeperFor(db.database, [receiver.port], { timeoutMs: 60_000 });
    await waitUntil('all of the quick one', async () => {
      await patient.beginDue();
      return (await deliveriesOf(client, quick.webhookId)).every(({ status }) => status === 'delivered');
    });
    const slowOnes = () => receiver.received.filter(({ path }) => path.endsWith('/slow'));
    await waitUntil('all that the slow one has room for', async () => slowOnes().length >= 4);
    expect(slowOnes()).toHaveLength(4);
    await patient.stop();
    expect((await deliveriesOf(client, slow.webhookId)).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 'pending'));
  });

  it('that redirects is not followed', async () => {
    const other = await startWebhookReceiver();
    const { webhookId } = await subscribe(client, receiver.url);
    await asked(db.database, tenant, runId);
    answer = (_, response) => void response.writeHead(307, { location: other.url }).end();
    const mayReachBoth = keeperFor(db.database, [receiver.port, other.port]);
    await deliver(mayReachBoth);
    await mayReachBoth.stop();
    expect(other.received).toEqual([]);
    expect(await deliveriesOf(client, webhookId)).toMatchObject([{ status: 'pending', responseStatus: 307, failure: 'redirect_refused' }]);
    await other.close();
  });

  it.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:169.254.169.254'])(
    'whose name has come to mean %s is not connected to',
    async (address) => {
      const { webhookId } = await subscribe(client, `http://hooks.example.com:${receiver.port}/hook`);
      await asked(db.database, tenant, runId);
      const egress = createEgress({
        privateAllow: [],
        lookup: () => Promise.resolve([{ address, family: address.includes(':') ? 6 : 4 }]),
      });
      const strict = keeperFor(db.database, [], { egress });
      await deliver(strict);
      await strict.stop();
      expect(receiver.received).toEqual([]);
      expect(await deliveriesOf(client, webhookId)).toMatchObject([{ status: 'pending', responseStatus: null, failure: 'egress_denied' }]);
    },
  );
});

describe('keepers', () => {
  it('claim each of 200 deliveries once, however many of them work', async () => {
    const webhooks = await Promise.all(Array.from({ length: 4 }, (_, index) => subscribe(client, `${receiver.url}/${index}`)));
    await withOrg(db.database, tenant.orgId, async (tx) => {
      for (let count = 0; count < 50; count += 1) await ask(tx, tenant, runId);
    });
    let most = 0;
    let underWay = 0;
    answer = (_, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      setTimeout(() => {
        underWay -= 1;
        response.writeHead(200).end();
      }, 20);
    };
    const both = [keeperFor(db.database, [receiver.port]), keeperFor(db.database, [receiver.port])];
    await waitUntil('200 deliveries', async () => {
      await Promise.all(both.flatMap((one) => [one.beginDue(), one.beginDue()]));
      return receiver.received.length >= 200;
    });
    await Promise.all(both.map((one) => one.settled()));
    expect(receiver.received).toHaveLength(200);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(200);
    const rows = await db.query<{ attempts: number; count: number }>(
      "select attempts, count(*)::int as count from webhook_deliveries where org_id = $1 and status = 'delivered' group by 1",
      [tenant.orgId],
    );
    expect(rows).toEqual([{ attempts: 1, count: 200 }]);
    expect(most).toBeLessThanOrEqual(4 * webhooks.length);
  });

  it('that are stopped give back what is under way, for another to send at once and under the same id', async () => {
    const { webhookId } = await subscribe(client, receiver.url);
    await asked(db.database, tenant, runId);
    answer = () => undefined;
    const stopped = keeperFor(db.database, [receiver.port]);
    await stopped.beginDue();
    await waitUntil('the request', () => Promise.resolve(receiver.received.length === 1));
    await stopped.stop();
    answer = taken;
    await deliver(keeper);
    expect(receiver.received.map(({ id }) => id)).toEqual([receiver.received[0]?.id, receiver.received[0]?.id]);
    expect(await deliveriesOf(client, webhookId)).toMatchObject([{ status: 'delivered', attempts: 1 }]);
  });

  it('whose lease has ended change nothing any more: what the one after them recorded stays', async () => {
    const { webhookId } = await subscribe(client, receiver.url);
    await asked(db.database, tenant, runId);
    const claim = async () => (await claimDeliveries(db.database, { maxRows: 10, perWebhook: 4, leaseSeconds: 0 }))[0];
    const [late, next] = [await claim(), await claim()];
    if (late === undefined || next === undefined) throw new Error('nothing was claimed');
    expect([late.deliveryId, next.claimNo - late.claimNo]).toEqual([next.deliveryId, 1]);
    const record = (one: Claim, outcome: RecordedAttempt) => withOrg(db.database, tenant.orgId, (tx) => recordAttempt(tx, one, outcome));
    const answered = (status: number) => ({ status, failure: null, retryAfterSeconds: null });
    expect(await record(late, { end: answered(200), next: { kind: 'delivered' } })).toBe(false);
    expect(await record(next, { end: answered(500), next: { kind: 'retry', afterSeconds: 10 } })).toBe(true);
    expect(await record(late, { end: answered(200), next: { kind: 'delivered' } })).toBe(false);
    expect(await deliveriesOf(client, webhookId)).toMatchObject([{ status: 'pending', attempts: 2, responseStatus: 500 }]);
  });

  it('remove what ended more than 30 days ago, and nothing else', async () => {
    const { webhookId } = await subscribe(client, receiver.url);
    await asked(db.database, tenant, runId);
    await asked(db.database, tenant, runId);
    await deliver(keeper);
    const [kept, old] = await deliveriesOf(client, webhookId);
    await db.query("update webhook_deliveries set ended_at = now() - interval '31 days' where delivery_id = $1", [old?.deliveryId]);
    await asked(db.database, tenant, runId);
    await keeper.prune();
    expect((await deliveriesOf(client, webhookId)).map(({ status }) => status)).toEqual(['pending', 'delivered']);
    expect((await deliveriesOf(client, webhookId))[1]?.deliveryId).toBe(kept?.deliveryId);
    await client.post(`/api/webhooks/${webhookId}/remove`);
    await db.query("update webhook_deliveries set ended_at = now() - interval '31 days' where webhook_id = $1", [webhookId]);
    await keeper.prune();
    expect(await db.query('select from webhooks where webhook_id = $1', [webhookId])).toEqual([]);
  });
});
