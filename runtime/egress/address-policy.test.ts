import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { checkAddress, classifyAddress } from './address-policy.ts';
import { parsePrivateAllow } from './private-allow.ts';

const everything = parsePrivateAllow('0.0.0.0/0:80,[::]/0:80');
const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));

function hexPairs([a, b, c, d]: readonly [number, number, number, number]): string {
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

describe('classifyAddress', () => {
  it.each(['8.8.8.8', '93.184.216.34', '2606:4700::1111', '2a00:1450:4001::1'])('calls %s public', (address) => {
    expect(classifyAddress(address)).toBe('public');
  });

  it.each(['127.0.0.1', '10.0.0.1', '::1', 'fe80::1%eth0', '::ffff:8.8.8.8', '64:ff9b::808:808', '2002:808:808::1', 'localhost', ''])(
    'calls %s special',
    (address) => {
      expect(classifyAddress(address)).toBe('special');
    },
  );

  it.each(['fe80::a9fe:a9fe', '2600::200:5efe:a9fe:a9fe', '64:ff9b:1:a9fe:a9:fe00::', '2001:0:1234::5601:5601'])(
    'finds the metadata address in %s',
    (address) => {
      expect(classifyAddress(address)).toBe('metadata');
    },
  );
});

describe('checkAddress', () => {
  it('denies the whole of 169.254.0.0/16 in every embedding, whatever is allowed', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), (c, d) => {
        const pairs = hexPairs([169, 254, c, d]);
        for (const address of [
          `169.254.${c}.${d}`,
          `::ffff:${pairs}`,
          `::${pairs}`,
          `::ffff:0:${pairs}`,
          `64:ff9b::${pairs}`,
          `2002:${pairs}::1`,
        ]) {
          expect(checkAddress(address, 80, everything).allowed, address).toBe(false);
        }
      }),
    );
  });

  it('never calls an embedding of an IPv4 address public', () => {
    fc.assert(
      fc.property(octets, (four) => {
        const pairs = hexPairs(four);
        for (const address of [`::ffff:${pairs}`, `::${pairs}`, `64:ff9b::${pairs}`, `2002:${pairs}::`, `2001::${pairs}`]) {
          expect(classifyAddress(address), address).not.toBe('public');
        }
      }),
    );
  });

  it('leaves everything but the one address and port blocked when one is opened', () => {
    const allow = parsePrivateAllow('10.20.30.40/32:8080');
    fc.assert(
      fc.property(octets, fc.integer({ min: 1, max: 65_535 }), (four, port) => {
        const address = four.join('.');
        const isOpened = address === '10.20.30.40' && port === 8080;
        fc.pre(new ipaddr.IPv4([...four]).range() !== 'unicast' && !isOpened);
        expect(checkAddress(address, port, allow).allowed).toBe(false);
      }),
    );
    expect(checkAddress('10.20.30.40', 8080, allow).allowed).toBe(true);
    expect(checkAddress('10.20.30.40', 8081, allow).allowed).toBe(false);
  });
});
