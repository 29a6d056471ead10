import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { probeCanary, promptVariables, sessionMarker } from './canary.ts';

const digest = fc.stringMatching(/^[0-9a-f]{64}$/);

describe('probeCanary', () => {
  it('is a short token that depends on the digest alone', () => {
    fc.assert(
      fc.property(digest, (hex) => {
        expect(probeCanary(hex)).toMatch(/^ORDEAL-[0-9A-HJKMNP-TV-Z]{6}$/);
        expect(probeCanary(hex)).toBe(probeCanary(hex.toUpperCase()));
      }),
    );
  });
  it('differs for digests that differ', () => {
    expect(probeCanary('00'.repeat(32))).not.toBe(probeCanary('01'.repeat(32)));
  });
  it('refuses what is no digest', () => {
    expect(() => probeCanary('xyz')).toThrow(TypeError);
    expect(() => probeCanary('abc')).toThrow(TypeError);
  });
});

describe('sessionMarker', () => {
  it('is stable and readable', () => {
    expect(sessionMarker('ab'.repeat(32))).toMatch(/^heron-\d{4}$/);
  });
});

describe('promptVariables', () => {
  it('gives two halves that make up the canary, neither of which is it', () => {
    fc.assert(
      fc.property(digest, (hex) => {
        const variables = promptVariables({ canary: probeCanary(hex), session: 's', marker: 'm' });
        expect(variables['canary.left'] + variables['canary.right']).toBe(variables.canary);
        expect(variables['canary.right']).toHaveLength(3);
      }),
    );
  });
});
