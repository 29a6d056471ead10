import { expect } from 'vitest';
import { createEgress, type Egress, type EgressRequest } from '../../runtime/egress/egress.ts';
import { EgressFault } from '../../runtime/egress/egress-fault.ts';
import { parsePrivateAllow } from '../../runtime/egress/private-allow.ts';
import type { EgressLookup } from '../../runtime/egress/resolve-target.ts';

/** Short enough for a test, long enough for a busy machine. */
export const shortTimeouts = { connectMs: 400, headersMs: 500, idleMs: 400, totalMs: 1_500 } as const;

/** An egress that may reach 127.0.0.1 on this port and nothing else that is not public. */
export function egressTo(port: number, lookup?: EgressLookup): Egress {
  const privateAllow = parsePrivateAllow(`127.0.0.1/32:${port}`);
  return createEgress(lookup === undefined ? { privateAllow } : { privateAllow, lookup });
}

export function requestTo(port: number, path: string, changes: Partial<EgressRequest> = {}): EgressRequest {
  const url = `http://127.0.0.1:${port}${path}`;
  return { url, method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'attack', timeouts: shortTimeouts, ...changes };
}

/** The fault that this request ends in; the test fails when it ends otherwise. */
export async function faultOf(sending: Promise<unknown>): Promise<EgressFault> {
  const error: unknown = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EgressFault);
  if (!(error instanceof EgressFault)) throw new Error('No EgressFault');
  return error;
}
