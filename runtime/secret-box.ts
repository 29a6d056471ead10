import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

import { OrdealError } from '../domain/failures.ts';

/** A key that seals stored credentials. Its id is part of what it sealed, so that keys can be rotated. */
export interface SecretKey {
  readonly id: string;
  readonly bytes: Buffer;
}

const nonceBytes = 12;
const tagBytes = 16;
const sealedPattern = /^v1\.([0-9a-f]{8})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/;

/** Makes a key of 32 bytes; the id is derived from them, so that it never has to be configured. */
export function secretKeyOf(bytes: Buffer): SecretKey {
  if (bytes.length !== 32) throw new RangeError('A secret key has 32 bytes');
  return { id: createHash('sha256').update('ordeal-key-id:').update(bytes).digest('hex').slice(0, 8), bytes };
}

/** Encrypts and authenticates `plaintext` (AES-256-GCM) as `v1.<keyId>.<nonce>.<ciphertext and tag>`. */
export function sealSecret(key: SecretKey, plaintext: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce);
  cipher.setAAD(Buffer.from(`v1.${key.id}`));
  const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `v1.${key.id}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`;
}

/** Opens what `sealSecret` made with one of `keyring`; throws `target_config_invalid` for anything else. */
export function openSecret(keyring: readonly SecretKey[], sealed: string): string {
  const match = sealedPattern.exec(sealed);
  const [, keyId, nonce, body] = match ?? [];
  if (keyId === undefined || nonce === undefined || body === undefined) {
    throw new OrdealError('target_config_invalid', 'The stored credential is damaged. Set it again.');
  }
  const key = keyring.find((candidate) => candidate.id === keyId);
  if (key === undefined) {
    throw new OrdealError(
      'target_config_invalid',
      `The stored credential was sealed with key ${keyId}, which ORDEAL_SECRET_KEY does not hold. Add that key, or set the credential again.`,
    );
  }
  return decrypt(key, Buffer.from(nonce, 'base64url'), Buffer.from(body, 'base64url'));
}

function decrypt(key: SecretKey, nonce: Buffer, body: Buffer): string {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(`v1.${key.id}`));
    decipher.setAuthTag(body.subarray(body.length - tagBytes));
    return Buffer.concat([decipher.update(body.subarray(0, body.length - tagBytes)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new OrdealError('target_config_invalid', 'The stored credential was changed after it was sealed. Set it again.', { cause });
  }
}
