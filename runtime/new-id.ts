import { randomFillSync } from 'node:crypto';

import { idPrefixes, type Id, type IdKind } from '../domain/ids.ts';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Makes an id: the prefix of its kind, then a UUIDv7 (RFC 9562: 48 bits of milliseconds, then random bits) in
 * Crockford's base32, so that ids sort by the time they were made.
 */
export function newId<Kind extends IdKind>(kind: Kind): Id<(typeof idPrefixes)[Kind]> {
  return `${idPrefixes[kind]}_${encodeBase32(uuidV7(Date.now()))}` as Id<(typeof idPrefixes)[Kind]>;
}

function uuidV7(nowMs: number): bigint {
  const random = randomFillSync(Buffer.alloc(10));
  const tail = BigInt(`0x${random.toString('hex')}`);
  const version = 7n << 76n;
  const variant = 2n << 62n;
  const randA = (tail >> 68n) & 0xfffn;
  const randB = tail & ((1n << 62n) - 1n);
  return (BigInt(nowMs) << 80n) | version | (randA << 64n) | variant | randB;
}

function encodeBase32(value: bigint): string {
  let text = '';
  let rest = value;
  for (let index = 0; index < 26; index += 1) {
    text = alphabet.charAt(Number(rest & 31n)) + text;
    rest >>= 5n;
  }
  return text;
}
