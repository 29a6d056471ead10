import ipaddr from 'ipaddr.js';
import { OrdealError } from '../../domain/failures.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** One range of addresses and one port that the operator opens although they are not public. */
export interface PrivateAllow {
  readonly network: Address;
  readonly prefixLength: number;
  readonly port: number;
}

const entryPattern = /^(?:\[(?<six>[0-9a-f:.]+)\]|(?<four>[0-9.]+))\/(?<prefix>\d{1,3}):(?<port>\d{1,5})$/i;

/**
 * Parses `EGRESS_PRIVATE_ALLOW`: CIDR and port, comma separated, such as `10.1.2.0/24:8080,[::1]/128:9001`.
 * An empty text opens nothing. Errors name the position of the bad entry and never repeat its value.
 */
export function parsePrivateAllow(text: string): readonly PrivateAllow[] {
  if (text.trim() === '') return [];
  return text.split(',').map((entry, index) => parseEntry(entry.trim(), index + 1));
}

export function isPrivateAllowed(allow: readonly PrivateAllow[], address: Address, port: number): boolean {
  return allow.some(
    (entry) => entry.port === port && entry.network.kind() === address.kind() && address.match(entry.network, entry.prefixLength),
  );
}

function parseEntry(entry: string, position: number): PrivateAllow {
  const groups = entryPattern.exec(entry)?.groups;
  if (groups === undefined) throw badEntry(position, 'write it as CIDR:port, for example 10.1.2.0/24:8080 or [::1]/128:9001');
  const port = Number(groups['port']);
  if (port < 1 || port > 65_535) throw badEntry(position, 'the port must be between 1 and 65535');
  const [network, prefixLength] = parseNetwork(groups, position);
  return { network, prefixLength, port };
}

function parseNetwork(groups: Record<string, string | undefined>, position: number): [Address, number] {
  const cidr = `${groups['six'] ?? groups['four'] ?? ''}/${groups['prefix'] ?? ''}`;
  // ipaddr.js also reads octal, hexadecimal and short IPv4 forms; an operator who writes one did not mean it.
  const isPlain = groups['six'] !== undefined || ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr);
  if (!isPlain || !ipaddr.isValidCIDR(cidr)) throw badEntry(position, 'the address or the prefix length is not valid');
  const [network, prefixLength] = ipaddr.parseCIDR(cidr);
  const family = network.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  if (family.networkAddressFromCIDR(cidr).toNormalizedString() !== network.toNormalizedString()) {
    throw badEntry(position, 'the address has bits beyond the prefix; write the first address of the range');
  }
  return [network, prefixLength];
}

function badEntry(position: number, advice: string): OrdealError {
  return new OrdealError('invalid_request', `Entry ${position} of the private allowlist is not valid: ${advice}`);
}
