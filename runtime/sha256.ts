import { createHash } from 'node:crypto';

/** SHA-256 of these parts, told apart by NUL, in lower-case hex. */
export function digestOf(...parts: readonly string[]): string {
  return sha256Hex(parts.join('\0'));
}

/** SHA-256 of a text's UTF-8 bytes, in lower-case hex. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
