import ipaddr from 'ipaddr.js';
import { isPrivateAllowed, type PrivateAllow } from './private-allow.ts';
import { isOrdinaryPort } from './port-policy.ts';

/** `metadata` is never allowed, `special` only by the operator's allowlist, `public` on ordinary ports. */
export type AddressClass = 'public' | 'special' | 'metadata';

export type AddressDecision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/** Where clouds keep credentials that any process on the machine can read. */
const metadataV4 = ['169.254.0.0/16', '100.100.100.200/32', '168.63.129.16/32', '192.0.0.192/32'].map((cidr) =>
  ipaddr.IPv4.parseCIDR(cidr),
);
const metadataV6 = ['fd00:ec2::254/128', 'fd20:ce::254/128'].map((cidr) => ipaddr.IPv6.parseCIDR(cidr));
const globalUnicastV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** Decides whether a connection to this address and port may be opened. Text that is not an address is denied. */
export function checkAddress(text: string, port: number, allow: readonly PrivateAllow[]): AddressDecision {
  if (!ipaddr.isValid(text)) return { allowed: false, reason: 'is not an IP address' };
  const address = ipaddr.parse(text);
  const addressClass = classify(address);
  if (addressClass === 'metadata') return { allowed: false, reason: 'is a cloud metadata address' };
  if (isPrivateAllowed(allow, address, port)) return { allowed: true };
  if (addressClass === 'special') return { allowed: false, reason: 'is not a public address' };
  if (!isOrdinaryPort(port)) return { allowed: false, reason: 'is on a port that is not open to targets' };
  return { allowed: true };
}

/** What kind of address this is; text that is not an address is `special`. */
export function classifyAddress(text: string): AddressClass {
  return ipaddr.isValid(text) ? classify(ipaddr.parse(text)) : 'special';
}

/** One spelling per address, so that a socket's view of its peer can be compared with what was checked. */
export function canonicalAddress(text: string): string | undefined {
  return ipaddr.isValid(text) ? ipaddr.process(text).toNormalizedString() : undefined;
}

function classify(address: ipaddr.IPv4 | ipaddr.IPv6): AddressClass {
  if (address instanceof ipaddr.IPv4) {
    if (isMetadataV4(address)) return 'metadata';
    return address.range() === 'unicast' ? 'public' : 'special';
  }
  if (metadataV6.some((cidr) => address.match(cidr))) return 'metadata';
  if (embeddedV4(address).some(isMetadataV4)) return 'metadata';
  const isPublic = address.range() === 'unicast' && address.match(globalUnicastV6) && !isIsatap(address);
  return isPublic ? 'public' : 'special';
}

function isMetadataV4(address: ipaddr.IPv4): boolean {
  return metadataV4.some((cidr) => address.match(cidr));
}

/**
 * Every IPv4 address that a router or a kernel could read out of this one: v4-mapped, v4-compatible, NAT64 with any
 * prefix length, 6to4, Teredo, ISATAP. Too many readings are harmless: they only matter when one is a metadata address.
 */
function embeddedV4(address: ipaddr.IPv6): ipaddr.IPv4[] {
  const bytes = address.toByteArray();
  const range = address.range();
  if (range === 'unicast' && address.match(globalUnicastV6)) return isIsatap(address) ? [v4From(bytes, [12, 13, 14, 15])] : [];
  const candidates = [v4From(bytes, [12, 13, 14, 15])];
  if (range === '6to4') candidates.push(v4From(bytes, [2, 3, 4, 5]));
  if (range === 'teredo')
    candidates.push(
      v4From(
        bytes.map((byte) => byte ^ 0xff),
        [12, 13, 14, 15],
      ),
    );
  // RFC 6052 section 2.2: the four octets go round bits 64 to 71, at a place that depends on the prefix length.
  if (range === 'rfc6052') {
    const places = [
      [6, 7, 9, 10],
      [7, 9, 10, 11],
      [9, 10, 11, 12],
    ];
    candidates.push(...places.map((place) => v4From(bytes, place)));
  }
  return candidates;
}

function isIsatap(address: ipaddr.IPv6): boolean {
  const [, , , , marker, protocol] = address.parts;
  return (marker === 0 || marker === 0x200) && protocol === 0x5efe;
}

function v4From(bytes: readonly number[], places: readonly number[]): ipaddr.IPv4 {
  return new ipaddr.IPv4(places.map((place) => bytes[place] ?? 0));
}
