import { describe, expect, it } from 'vitest';
import { parsePrivateAllow } from './private-allow.ts';

describe('parsePrivateAllow', () => {
  it('reads IPv4 and IPv6 ranges with their ports', () => {
    const entries = parsePrivateAllow('10.1.2.0/24:8080, 127.0.0.1/32:9001,[::1]/128:9001');
    expect(entries.map(({ network, prefixLength, port }) => [network.toString(), prefixLength, port])).toEqual([
      ['10.1.2.0', 24, 8080],
      ['127.0.0.1', 32, 9001],
      ['::1', 128, 9001],
    ]);
  });

  it('opens nothing for an empty text', () => {
    expect(parsePrivateAllow(' ')).toEqual([]);
  });

  it.each([
    '127.0.0.1:9001',
    '127.0.0.1/32',
    '127.0.0.1/33:80',
    '127.0.0.1/32:0',
    '127.0.0.1/32:65536',
    '10.1.2.3/24:80',
    '[::1]/129:80',
    '::1/128:80',
    'localhost/32:80',
    '127.1/32:80',
    '0x7f.0.0.1/32:80',
    '0177.0.0.1/32:80',
    '*:80',
    '10.0.0.0/8:*',
    '10.0.0.0/8:80,',
    '[fd00::1]/64:80',
  ])('refuses %s', (text) => {
    expect(() => parsePrivateAllow(text)).toThrow(/Entry \d+ of the private allowlist/);
  });

  it('names the position of a bad entry and not its value', () => {
    expect(() => parsePrivateAllow('127.0.0.1/32:9001,s3cret')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cret') }),
    );
    expect(() => parsePrivateAllow('127.0.0.1/32:9001,s3cret')).toThrow(/Entry 2/);
  });
});
