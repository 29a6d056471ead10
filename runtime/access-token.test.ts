import { describe, expect, it } from 'vitest';

import { isSameSecretHash, mintAccessToken, parseAccessToken, sidecarSigningKey } from './access-token.ts';
import { newId } from './new-id.ts';

describe('access tokens', () => {
  const orgId = newId('organization');
  const keyId = newId('apiKey');

  it('carry organization and id, and prove the secret by its hash alone', () => {
    for (let round = 0; round < 200; round += 1) {
      const { token, secretHash } = mintAccessToken('apiKey', orgId, keyId);
      expect(parseAccessToken('apiKey', token)).toEqual({ orgId, id: keyId, secretHash });
      expect(isSameSecretHash(secretHash, mintAccessToken('apiKey', orgId, keyId).secretHash)).toBe(false);
    }
  });

  it('are turned away when any single character is changed', () => {
    const { token } = mintAccessToken('apiKey', orgId, keyId);
    for (let at = 0; at < token.length; at += 1) {
      const changed = token.slice(0, at) + (token[at] === 'b' ? 'c' : 'b') + token.slice(at + 1);
      expect(parseAccessToken('apiKey', changed)).toBeUndefined();
    }
  });

  it('of one kind are not accepted as the other', () => {
    const { token } = mintAccessToken('sidecar', orgId, newId('sidecarToken'));
    expect(parseAccessToken('apiKey', token)).toBeUndefined();
    expect(parseAccessToken('sidecar', token)?.orgId).toBe(orgId);
  });

  it('never match an empty or malformed stored hash', () => {
    expect(isSameSecretHash('', '')).toBe(false);
    expect(isSameSecretHash('ab', 'abcd')).toBe(false);
  });

  it('of a sidecar give a signing key that differs from the secret hash', () => {
    const { token, secretHash } = mintAccessToken('sidecar', orgId, newId('sidecarToken'));
    expect(sidecarSigningKey(token)).toMatch(/^[0-9a-f]{64}$/);
    expect(sidecarSigningKey(token)).not.toBe(secretHash);
  });
});
