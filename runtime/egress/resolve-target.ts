import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { checkAddress } from './address-policy.ts';
import type { PrivateAllow } from './private-allow.ts';
import type { RequestWatch } from './request-watch.ts';
import type { EgressUrl } from './url-policy.ts';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Finds all addresses of a name, A and AAAA. Rejects when the name cannot be resolved. */
export type EgressLookup = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** The resolver of the system, so that `/etc/hosts` and the names of a container network work. */
export async function resolveBySystem(hostname: string): Promise<readonly ResolvedAddress[]> {
  return await systemLookup(hostname, { all: true, order: 'verbatim' });
}

export interface ResolveOptions {
  readonly allow: readonly PrivateAllow[];
  readonly lookup: EgressLookup;
}

/**
 * The addresses of the URL's host, every one of them checked. One bad address among good ones denies all: a name that
 * points to both is an attack or a mistake, and which one a connection takes is chance.
 */
export async function resolveTarget(url: EgressUrl, watch: RequestWatch, options: ResolveOptions): Promise<readonly ResolvedAddress[]> {
  const literalFamily = isIP(url.hostname);
  if (literalFamily !== 0) return [{ address: url.hostname, family: literalFamily }];
  const addresses = await watch.race(resolve(url.hostname, watch, options.lookup));
  if (addresses.length === 0) throw watch.fault('dns_error', `${url.hostname} has no address`);
  for (const { address } of addresses) {
    const decision = checkAddress(address, url.port, options.allow);
    if (!decision.allowed) {
      throw watch.fault('egress_denied', `${url.hostname} resolves to ${address}, which, with port ${url.port}, ${decision.reason}`);
    }
  }
  return addresses.map(({ address }) => ({ address, family: isIP(address) }));
}

/** A `lookup` for `net.connect` that knows nothing but the checked addresses: no second resolution can differ from the first. */
export function pinnedLookup(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (hostname, options, callback) => {
    const first = addresses[0];
    if (first === undefined) callback(new Error(`No checked address for ${hostname}`), '', 0);
    else if (options.all === true)
      callback(
        null,
        addresses.map(({ address, family }) => ({ address, family })),
      );
    else callback(null, first.address, first.family);
  };
}

async function resolve(hostname: string, watch: RequestWatch, lookup: EgressLookup): Promise<readonly ResolvedAddress[]> {
  try {
    return await lookup(hostname);
  } catch (error) {
    throw watch.fault('dns_error', `${hostname} could not be resolved`, { cause: error });
  }
}
