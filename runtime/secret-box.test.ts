import { randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { openSecret, sealSecret, secretKeyOf } from './secret-box.ts';

const key = secretKeyOf(randomBytes(32));
const otherKey = secretKeyOf(randomBytes(32));

describe('the secret box', () => {
  it('opens what it sealed, and never seals the same text to the same bytes', () => {
    for (const text of ['', 'token', 'päß 🔑', 'x'.repeat(10_000)]) {
      expect(openSecret([key], sealSecret(key, text))).toBe(text);
      expect(sealSecret(key, text)).not.toBe(sealSecret(key, text));
    }
  });

  it('opens with an older key of the ring', () => {
    expect(openSecret([otherKey, key], sealSecret(key, 'token'))).toBe('token');
  });

  it('names the missing key and not the secret when the key id is unknown', () => {
    expect(() => openSecret([otherKey], sealSecret(key, 'token'))).toThrow(new RegExp(`key ${key.id}, which ORDEAL_SECRET_KEY`));
  });

  it('refuses a changed ciphertext, a changed nonce and plain text', () => {
    const sealed = sealSecret(key, 'token');
    const flip = (at: number) => sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
    expect(() => openSecret([key], flip(sealed.length - 10))).toThrow(/changed after it was sealed/);
    expect(() => openSecret([key], flip(14))).toThrow(/changed after it was sealed/);
    expect(() => openSecret([key], 'token')).toThrow(/damaged/);
  });
});
