import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Signatures of webhooks as in Standard Webhooks 1.0 (https://www.standardwebhooks.com), scheme v1: HMAC-SHA256 over
 * `id.timestamp.body`. It imports nothing of Ordeal's: a receiver may take this file as it is.
 */
const secretPrefix = 'whsec_';
const secretPattern = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

/** Older or newer than this a delivery is refused, so that one which was recorded cannot be played again later. */
const toleranceSeconds = 300;

export interface WebhookHeaders {
  readonly 'webhook-id': string;
  /** Seconds since the epoch, of the attempt. */
  readonly 'webhook-timestamp': string;
  /** `v1,<base64>`, several with a space between them while a secret is rotated. */
  readonly 'webhook-signature': string;
}

export interface WebhookMessage {
  readonly id: string;
  readonly body: string;
}

/** Makes a secret of 32 random bytes. */
export function newWebhookSecret(): string {
  return secretPrefix + randomBytes(32).toString('base64');
}

export function isWebhookSecret(text: string): boolean {
  return secretPattern.test(text);
}

/** The headers of one attempt, signed with every one of these secrets. */
export function signWebhook(secrets: readonly string[], { id, body }: WebhookMessage, nowMs: number): WebhookHeaders {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const content = `${id}.${timestamp}.${body}`;
  const signatures = secrets.map((secret) => `v1,${hmac(secret, content).toString('base64')}`);
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

export type WebhookCheck =
  | { readonly isValid: true; readonly id: string }
  | { readonly isValid: false; readonly reason: 'headers_missing' | 'timestamp_too_old' | 'timestamp_too_new' | 'signature_wrong' };

/**
 * Whether this request was signed with `secret` within the last five minutes. `body` is what was received, byte for byte.
 * The `id` of a valid one is to be remembered: the same message may come more than once.
 */
export function checkWebhook(
  secret: string,
  { headers, body }: { readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly body: Uint8Array },
  nowMs: number,
): WebhookCheck {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name]);
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string' || !/^\d{1,12}$/.test(timestamp)) {
    return { isValid: false, reason: 'headers_missing' };
  }
  const expected = hmac(secret, Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]));
  if (!signatures.split(' ').some((signature) => isSame(signature, expected))) return { isValid: false, reason: 'signature_wrong' };
  const ageSeconds = Math.floor(nowMs / 1_000) - Number(timestamp);
  if (ageSeconds > toleranceSeconds) return { isValid: false, reason: 'timestamp_too_old' };
  if (ageSeconds < -toleranceSeconds) return { isValid: false, reason: 'timestamp_too_new' };
  return { isValid: true, id };
}

function isSame(signature: string, expected: Buffer): boolean {
  if (!signature.startsWith('v1,')) return false;
  const given = Buffer.from(signature.slice('v1,'.length), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function hmac(secret: string, content: string | Uint8Array): Buffer {
  return createHmac('sha256', Buffer.from(secret.slice(secretPrefix.length), 'base64'))
    .update(content)
    .digest();
}
