import { describe, expect, it } from 'vitest';

import { checkWebhook, isWebhookSecret, newWebhookSecret, signWebhook } from './webhook-signature.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
const nowMs = 1_614_265_330_000;

const check = (headers: Record<string, string>, body = message.body, atMs = nowMs) =>
  checkWebhook(secret, { headers, body: Buffer.from(body) }, atMs);

describe('signWebhook', () => {
  it('signs the test vector of Standard Webhooks as the standard does', () => {
    expect(signWebhook([secret], message, nowMs)).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('signs with each secret while one is rotated, so that the holder of either is content', () => {
    const other = newWebhookSecret();
    const headers = { ...signWebhook([other, secret], message, nowMs) };
    expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
    expect(check(headers)).toEqual({ isValid: true, id: message.id });
    expect(checkWebhook(other, { headers, body: Buffer.from(message.body) }, nowMs)).toEqual({ isValid: true, id: message.id });
  });
});

describe('checkWebhook', () => {
  const headers = { ...signWebhook([secret], message, nowMs) };
  const refused = (reason: string) => ({ isValid: false, reason });

  it('refuses another body, id or time under the same signature', () => {
    expect(check(headers, `${message.body} `)).toEqual(refused('signature_wrong'));
    expect(check({ ...headers, 'webhook-id': 'msg_x' })).toEqual(refused('signature_wrong'));
    expect(check({ ...headers, 'webhook-timestamp': '1614265331' })).toEqual(refused('signature_wrong'));
  });

  it('refuses what is more than five minutes old, or of the future', () => {
    expect(check(headers, message.body, nowMs + 300_000).isValid).toBe(true);
    expect(check(headers, message.body, nowMs + 301_000)).toEqual(refused('timestamp_too_old'));
    expect(check(headers, message.body, nowMs - 301_000)).toEqual(refused('timestamp_too_new'));
  });

  it.each(Object.keys(headers))('refuses a request without %s', (name) => {
    expect(check(Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name)))).toEqual(refused('headers_missing'));
  });

  it.each(['', 'v1,', 'v1,abc', 'v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='])('refuses the signature "%s"', (signature) => {
    expect(check({ ...headers, 'webhook-signature': signature })).toEqual(refused('signature_wrong'));
  });
});

describe('newWebhookSecret', () => {
  it('makes 256 bits that are never the same, in the form of the standard', () => {
    const secrets = Array.from({ length: 100 }, newWebhookSecret);
    expect(new Set(secrets).size).toBe(100);
    expect(secrets.every(isWebhookSecret)).toBe(true);
    expect(Buffer.from(secrets[0]?.slice('whsec_'.length) ?? '', 'base64')).toHaveLength(32);
  });
});
