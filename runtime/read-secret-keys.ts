import { z } from 'zod';

import { secretKeyOf, type SecretKey } from './secret-box.ts';

const howTo = 'Make one with `openssl rand -base64 32`.';
const placeholderWords = /change|replace|placeholder|example|secret|password|default|insecure|ordeal/i;

/**
 * Reads ORDEAL_SECRET_KEY, one key or several with commas (the first seals, every one opens), as a zod transform.
 * Refuses what is not 32 bytes or was evidently not drawn at random. An issue never quotes the value.
 */
export function readSecretKeys(text: string, context: z.RefinementCtx): readonly [SecretKey, ...SecretKey[]] {
  const keys: SecretKey[] = [];
  for (const part of text.split(',').map((entry) => entry.trim())) {
    const bytes = Buffer.from(part, 'base64');
    const fault = faultOf(part, bytes);
    if (fault === undefined) keys.push(secretKeyOf(bytes));
    else context.addIssue({ code: 'custom', message: `${fault}. ${howTo}` });
  }
  const [first, ...rest] = keys;
  return first === undefined ? z.NEVER : [first, ...rest];
}

function faultOf(text: string, bytes: Buffer): string | undefined {
  if (placeholderWords.test(text) || placeholderWords.test(bytes.toString('latin1'))) return 'is a placeholder';
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text) || bytes.length !== 32) return 'must be 32 bytes in base64';
  if (new Set(bytes).size < 16 || isProgression(bytes) || isText(bytes)) return 'is too weak: its bytes are not random';
  return undefined;
}

/** Such as 00 01 02 03 …; one in 2^240 random keys is. */
function isProgression(bytes: Buffer): boolean {
  const step = ((bytes[1] ?? 0) - (bytes[0] ?? 0)) & 0xff;
  return bytes.every((byte, index) => index === 0 || ((byte - (bytes[index - 1] ?? 0)) & 0xff) === step);
}

/** A sentence in base64; one in 10^13 random keys is printable all through. */
function isText(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}
