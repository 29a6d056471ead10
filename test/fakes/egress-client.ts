import { expect } from 'vitest';
import { createEgress, type Egress, type EgressRequest } from '../../runtime/egress/egress.ts';
import { EgressFault } from '../../runtime/egress/egress-fault.ts';
import { parsePrivateAllow } from '../../runtime/egress/private-allow.ts';
import type { EgressLookup } from '../../runtime/egress/resolve-target.ts';

/** Longer than a busy machine stands still: what is to run out of time says so itself. */
export const patientTimeouts = { connectMs: 20_000, headersMs: 20_000, idleMs: 20_000, totalMs: 30_000 } as const;

/** An egress that may reach 127.0.0.1 on this port and nothing else that is not public. */
export function egressTo(port: number, lookup?: EgressLookup): Egress {
  const privateAllow = parsePrivateAllow(`127.0.0.1/32:${port}`);
  return createEgress(lookup === undefined ? { privateAllow } : { privateAllow, lookup });
}

export function requestTo(port: number, path: string, changes: Partial<EgressRequest> = {}): EgressRequest {
  const url = `http://127.0.0.1:${port}${path}`;
  return { url, method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'attack', timeouts: patientTimeouts, ...changes };
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
