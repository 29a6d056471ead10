import type { PiiMatch } from './pii-type.ts';

const ipv4 = /(?<![\p{L}\p{N}.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?[\p{L}\p{N}])/gu;
const versionBefore = /(?:\bv|version|release|build)[ :=]{0,3}$/i;
/** Both begin at their first separator and look back from it: it is rarer than a digit, so that the search is fast. No address that counts has less than four characters behind it. */
const ipv6Rest = /:(?=[0-9a-f:]{4})(?<=(?<![\p{L}\p{N}:.])([0-9a-f]{0,4}):)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){1,6}(?![\p{L}\p{N}:])/giu;
const macRest = /([:-])(?<=(?<![\p{L}\p{N}:-])([0-9a-f]{2})[:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?![\p{L}\p{N}:-])/giu;

/** Finds IPv4, IPv6 and MAC addresses; unspecified, broadcast and loopback addresses point at nobody and are left out. */
export function findNetworkAddresses(text: string): PiiMatch[] {
  const matches: PiiMatch[] = [];
  for (const { 0: value, index } of text.matchAll(ipv4)) {
    if (!isIpv4(value) || versionBefore.test(text.slice(Math.max(0, index - 12), index))) continue;
    matches.push({ type: 'ip_address', start: index, end: index + value.length, confidence: 0.85 });
  }
  for (const { 0: rest, 1: first = '', index } of text.matchAll(ipv6Rest)) {
    if (!isIpv6(first + rest)) continue;
    matches.push({ type: 'ip_address', start: index - first.length, end: index + rest.length, confidence: 0.85 });
  }
  for (const { 0: rest, 2: first = '', index } of text.matchAll(macRest)) {
    matches.push({ type: 'mac_address', start: index - first.length, end: index + rest.length, confidence: 0.85 });
  }
  return matches;
}

function isIpv4(value: string): boolean {
  const octets = value.split('.').map(Number);
  if (octets.some((octet) => octet > 255)) return false;
  return octets[0] !== 127 ? value !== '0.0.0.0' && value !== '255.255.255.255' : value !== '127.0.0.1';
}

/** Eight groups, or fewer with exactly one `::`; at least three groups of digits, which `::1` has not. */
function isIpv6(value: string): boolean {
  const gaps = value.split('::').length - 1;
  const groups = value.split(':').filter((group) => group !== '').length;
  if (value.includes(':::')) return false;
  return gaps === 0 ? groups === 8 : gaps === 1 && groups >= 3 && groups <= 7;
}
