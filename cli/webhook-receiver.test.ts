import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newWebhookSecret, signWebhook } from '../runtime/webhook-signature.ts';
import { createWebhookReceiver, type Receipt } from './webhook-receiver.ts';

const secret = newWebhookSecret();
const receipts: Receipt[] = [];
const server = createWebhookReceiver(secret, (receipt) => void receipts.push(receipt));
let url: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
beforeEach(() => {
  receipts.length = 0;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const body = '{"type":"webhook.test","data":{}}';
const signed = (id: string, nowMs = Date.now(), withSecret = secret) => ({ ...signWebhook([withSecret], { id, body }, nowMs) });
const post = async (headers: Record<string, string>, text = body): Promise<number> =>
  (await fetch(url, { method: 'POST', headers, body: text })).status;

describe('a receiver', () => {
  it('takes what is signed and new', async () => {
    expect(await post(signed('dlv_new'))).toBe(204);
    expect(receipts).toEqual([{ kind: 'new', id: 'dlv_new', body }]);
  });

  it('acknowledges the same message once more and says that it came before', async () => {
    expect([await post(signed('dlv_1')), await post(signed('dlv_1'))]).toEqual([204, 204]);
    expect(receipts.map(({ kind }) => kind)).toEqual(['new', 'again']);
  });

  it('refuses a changed body, a foreign secret, an old time, and what has no signature', async () => {
    expect(await post(signed('dlv_2'), `${body} `)).toBe(400);
    expect(await post(signed('dlv_2', Date.now(), newWebhookSecret()))).toBe(400);
    expect(await post(signed('dlv_2', Date.now() - 301_000))).toBe(400);
    expect(await post({})).toBe(400);
    expect(receipts.map((receipt) => (receipt.kind === 'refused' ? receipt.reason : receipt.kind))).toEqual([
      'signature_wrong',
      'signature_wrong',
      'timestamp_too_old',
      'headers_missing',
    ]);
    // None of them has made the real one a repeat.
    expect(await post(signed('dlv_2'))).toBe(204);
    expect(receipts.at(-1)?.kind).toBe('new');
  });

  it('refuses a body beyond its bound, and what is no POST', async () => {
    expect(await post(signed('dlv_3'), 'x'.repeat(70_000)).catch(() => 400)).toBe(400);
    expect((await fetch(url)).status).toBe(400);
    expect(receipts).toEqual([
      { kind: 'refused', reason: 'body_too_large' },
      { kind: 'refused', reason: 'not_a_post' },
    ]);
  });
});
