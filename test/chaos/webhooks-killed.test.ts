import { describe, it } from 'vitest';

import { startWebhookReceiver } from '../fakes/webhook-receiver.ts';
import { openChaosBench } from '../harness/chaos-bench.ts';
import { apiClient } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';
import { asked, planned, subscribe } from '../harness/webhooks.ts';

const deliveries = 12;

describe('a worker that is killed while receivers have its webhooks and it has no answer yet', () => {
  it('costs none: each is sent again by another worker, under the same id', async (context) => {
    const { expect } = context;
    let isAnswering = false;
    const receiver = await startWebhookReceiver((_, response) => {
      if (isAnswering) response.writeHead(204).end();
    });
    context.onTestFinished(() => receiver.close());
    const bench = await openChaosBench(context, { allowPorts: [receiver.port] });
    const { db, tenant } = bench;
    const api = await bench.startApi();
    const client = apiClient(api.url, tenant.apiKey);
    // What becomes of the run meanwhile is not what this is about.
    const { webhookId } = await subscribe(client, receiver.url, { events: ['approval.requested'] });
    const runId = await planned(db.database, tenant);
    for (let count = 0; count < deliveries; count += 1) await asked(db.database, tenant, runId);
    // Not before: it would start the run, which asks for nothing more once it has ended.
    const first = await bench.startWorker();
    await waitUntil('the first requests', () => Promise.resolve(receiver.received.length >= 4));
    await first.kill9();
    const cut = receiver.received.map(({ id }) => id);
    isAnswering = true;
    await bench.startWorker();
    await waitUntil(
      'every delivery',
      async () => (await db.query("select from webhook_deliveries where status = 'delivered'")).length === deliveries,
      90_000,
    );
    const after = receiver.received.slice(cut.length).map(({ id }) => id);
    expect(after).toEqual(expect.arrayContaining(cut));
    expect(after).toHaveLength(deliveries);
    expect(new Set(after).size).toBe(deliveries);
    const made = await db.query<{ delivery_id: string }>('select delivery_id from webhook_deliveries where webhook_id = $1', [webhookId]);
    expect(made.map((row) => row.delivery_id).toSorted()).toEqual(after.toSorted());
  });
});
