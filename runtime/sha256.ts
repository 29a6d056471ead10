import { createHash } from 'node:crypto';

import { auditText, type AuditText } from '../domain/audit-detail.ts';

/** SHA-256 of these parts, told apart by NUL, in lower-case hex. */
export function digestOf(...parts: readonly string[]): AuditText {
  return sha256Hex(parts.join('\0'));
}

/** SHA-256 of a text's UTF-8 bytes, in lower-case hex. */
export function sha256Hex(text: string): AuditText {
  return auditText('sha256', createHash('sha256').update(text).digest('hex'));
}
