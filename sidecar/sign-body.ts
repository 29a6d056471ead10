import { createHash, createHmac } from 'node:crypto';

/** The key that a sidecar signs with: derived from its token, so that the token itself never keys a signature. */
export function signingKeyOf(token: string): string {
  return createHash('sha256').update(`ordeal-sidecar-signing:${token}`).digest('hex');
}

/** The value of `X-Ordeal-Signature` for this exact body, signed at `unixSeconds`. */
export function signBody(body: string, signingKey: string, unixSeconds: number): string {
  const digest = createHmac('sha256', signingKey).update(`${unixSeconds}.${body}`).digest('hex');
  return `t=${unixSeconds},v1=${digest}`;
}
