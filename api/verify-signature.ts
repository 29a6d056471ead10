import { createHmac, timingSafeEqual } from 'node:crypto';

import { OrdealError } from '../domain/failures.ts';
import type { RawRequest } from './define-endpoint.ts';

const toleranceSeconds = 300;

/** Throws `unauthenticated` unless the body was signed with this key, within 5 minutes of now. */
export function verifySignature(raw: RawRequest, signingKey: string, nowMs: number): void {
  const header = raw.headers['x-ordeal-signature'];
  const [, time, given] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(typeof header === 'string' ? header : '') ?? [];
  if (time === undefined || given === undefined) {
    throw refused('must be t=<unix seconds>,v1=<hex HMAC-SHA-256 of "t.body">');
  }
  const expected = createHmac('sha256', signingKey)
    .update(`${time}.`)
    .update(raw.body?.bytes ?? '')
    .digest();
  if (!timingSafeEqual(expected, Buffer.from(given, 'hex'))) throw refused('does not fit this body and token');
  if (Math.abs(nowMs / 1_000 - Number(time)) > toleranceSeconds) {
    throw refused(`is older or newer than ${toleranceSeconds} seconds: sign each attempt anew, and check the clock`);
  }
}

function refused(message: string): OrdealError {
  return new OrdealError('unauthenticated', `headers.x-ordeal-signature ${message}`, {
    issues: [{ field: 'headers.x-ordeal-signature', message }],
  });
}
