import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { endApproval } from '../../db/approvals/end-approval.ts';
import { withOrg } from '../../db/with-org.ts';
import type { RunId } from '../../domain/ids.ts';
import { ApprovalReminder } from '../../orchestration/approval-reminder.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createTenant, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, type ApiClient } from '../harness/test-api.ts';
import { useApi } from '../harness/use-api.ts';
import { asked, deliveriesOf, planned, subscribe } from '../harness/webhooks.ts';

const under = useApi();
const log = createLogger({ name: 'test', level: 'silent' });
let reminders: readonly ApprovalReminder[];
let tenant: TestTenant;
let client: ApiClient;
let runId: RunId;
let webhookId: string;

beforeAll(() => {
  reminders = [1, 2, 3].map(() => new ApprovalReminder({ database: under.db.database, log }));
});
beforeEach(async () => {
  tenant = await createTenant(under.db.database);
  client = apiClient(under.api.url, tenant.apiKey);
  runId = await planned(under.db.database, tenant);
  ({ webhookId } = await subscribe(client, 'https://hooks.example.com/', { events: ['approval.reminder'] }));
});
afterAll(() => Promise.all(reminders.map((one) => one.stop())));

/** Lets so much of the time of every pending approval go by, in the clock of the database. */
async function pass(part: number): Promise<void> {
  await under.db.query(
    `update approvals set requested_at = requested_at - gone.by, expires_at = expires_at - gone.by, remind_at = remind_at - gone.by
     from (select approval_id as id, (expires_at - requested_at) * $1::float8 as by from approvals) as gone
     where gone.id = approval_id and status = 'pending'`,
    [part],
  );
}

const look = () => Promise.all([...reminders, ...reminders].map((one) => one.remindDue()));

async function toldOf(approvalId: string) {
  const audit = await client.get(`/api/audit-logs?objectId=${approvalId}&action=approval.remind`);
  const feed = await under.db.query("select from run_feed where type = 'approval_reminded' and data->>'approvalId' = $1", [approvalId]);
  return { audit: (audit.json['items'] as []).length, feed: feed.length, webhook: (await deliveriesOf(client, webhookId)).length };
}

const times = (count: number) => ({ audit: count, feed: count, webhook: count });

describe('a pending approval', () => {
  it('is reminded of at half of its time and when a tenth is left, once each, however many look', async () => {
    const { approvalId } = await asked(under.db.database, tenant, runId);
    await pass(0.49);
    await look();
    expect(await toldOf(approvalId)).toEqual(times(0));
    expect((await client.get(`/api/approvals/${approvalId}`)).json['remindedAt']).toBeNull();
    await pass(0.02);
    await look();
    await look();
    expect(await toldOf(approvalId)).toEqual(times(1));
    const first = String((await client.get(`/api/approvals/${approvalId}`)).json['remindedAt']);
    expect(Math.abs(Date.parse(first) - Date.now())).toBeLessThan(60_000);
    await pass(0.38);
    await look();
    expect(await toldOf(approvalId)).toEqual(times(1));
    await pass(0.02);
    await look();
    await look();
    expect(await toldOf(approvalId)).toEqual(times(2));
    expect(Date.parse(String((await client.get(`/api/approvals/${approvalId}`)).json['remindedAt']))).toBeGreaterThan(Date.parse(first));
  });

  it('that nobody could remind of in time is reminded of once', async () => {
    const { approvalId } = await asked(under.db.database, tenant, runId);
    await pass(0.95);
    await look();
    await look();
    expect(await toldOf(approvalId)).toEqual(times(1));
  });

  it('is not reminded of once it is over, decided or not', async () => {
    const [ended, late] = [await asked(under.db.database, tenant, runId), await asked(under.db.database, tenant, runId)];
    await withOrg(under.db.database, tenant.orgId, (tx) => endApproval(tx, ended, { status: 'approved', decidedBy: 'a member' }));
    await pass(0.6);
    await pass(0.5);
    await look();
    expect([await toldOf(ended.approvalId), await toldOf(late.approvalId)]).toEqual([times(0), times(0)]);
  });

  it('is one of 60 that three who look at the same time remind of once each', async () => {
    for (let count = 0; count < 60; count += 1) await asked(under.db.database, tenant, runId);
    await pass(0.6);
    await look();
    const rows = await under.db.query<{ events: number; approvals: number }>(
      'select count(*)::int as events, count(distinct approval_id)::int as approvals from webhook_deliveries where webhook_id = $1',
      [webhookId],
    );
    expect(rows).toEqual([{ events: 60, approvals: 60 }]);
  });
});
