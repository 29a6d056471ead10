import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { WebhookKeeper } from '../../orchestration/webhook-keeper.ts';
import { newWebhookSecret } from '../../runtime/webhook-signature.ts';
import { findFreePort } from '../../scripts/stack/free-port.ts';
import { startCli, type CliResult } from '../harness/cli-process.ts';
import { createTenant, type TestTenant } from '../harness/plan-run.ts';
import { startTestApi, type TestApi } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { asked, keeperFor, planned } from '../harness/webhooks.ts';

let db: TestDatabase;
let api: TestApi;
let tenant: TestTenant;
let keeper: WebhookKeeper;
let port: number;

beforeAll(async () => {
  db = await createTestDatabase();
  port = await findFreePort();
  api = await startTestApi({ database: db.database, allowPorts: [port] });
  tenant = await createTenant(db.database);
  keeper = keeperFor(db.database, [port]);
  keeper.start();
});
afterAll(async () => {
  await keeper.stop();
  await api.close();
  await db.drop();
});

function cli(...args: string[]): Promise<CliResult> {
  return startCli(['webhooks', ...args], { ORDEAL_URL: api.url, ORDEAL_API_KEY: tenant.apiKey }).ended;
}

const idIn = (text: string, prefix: string): string => new RegExp(`${prefix}_[0-9a-z]{26}`).exec(text)?.[0] ?? '';

describe('ordeal webhooks', () => {
  it('adds a webhook whose deliveries `listen` verifies, rotates, disables and removes it', async () => {
    const added = await cli('add', `http://127.0.0.1:${port}/`);
    const webhookId = idIn(added.stdout, 'whk');
    const secret = /whsec_\S+/.exec(added.stdout)?.[0] ?? '';
    expect([added.code, added.stderr, secret.length]).toEqual([0, '', 50]);

    const listening = startCli(['webhooks', 'listen', '--port', String(port)], { ORDEAL_WEBHOOK_SECRET: secret });
    await listening.sees(/Listening on http/);
    const tested = await cli('test', webhookId);
    expect([tested.code, tested.stdout]).toEqual([0, expect.stringMatching(/webhook\.test +delivered +1 +204/)]);
    const { approvalId } = await asked(db.database, tenant, await planned(db.database, tenant));
    await listening.sees(new RegExp(`NEW +dlv_\\S+: signed and in time: .*approval\\.requested.*${approvalId}`));
    const again = await cli('redeliver', idIn(tested.stdout, 'dlv'));
    expect(again.code).toBe(0);
    await listening.sees(new RegExp(`AGAIN +${idIn(tested.stdout, 'dlv')}`));
    listening.interrupt();
    expect((await listening.ended).code).toBe(0);

    const stranger = startCli(['webhooks', 'listen', '--port', String(port), '--secret', newWebhookSecret()], {});
    await stranger.sees(/Listening on http/);
    const refused = await cli('test', webhookId);
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringMatching(/webhook\.test +pending +\d +400/)]);
    await stranger.sees(/REFUSED +signature_wrong/);
    stranger.interrupt();
    await stranger.ended;

    const rotated = await cli('rotate', webhookId, '--overlap-hours', '1');
    expect(rotated.stdout).toMatch(/whsec_/);
    expect(rotated.stdout).not.toContain(secret);
    expect((await cli('change', webhookId, '--disable', '--events', 'approval.decided')).stdout).toMatch(/off \(key_.*approval\.decided\n/);
    expect((await cli('deliveries', webhookId, '--status', 'failed')).stdout).toMatch(/webhook\.test +failed/);
    expect((await cli('list')).stdout).toContain(webhookId);
    expect((await cli('remove', webhookId)).code).toBe(0);
    expect((await cli('list')).stdout).toBe('No webhooks.\n');
  });

  it('refuses to listen without a secret', async () => {
    const result = await startCli(['webhooks', 'listen', '--port', '0'], {}).ended;
    expect([result.code, result.stderr]).toEqual([2, expect.stringMatching(/ORDEAL_WEBHOOK_SECRET/)]);
  });
});
