import { createHash } from 'node:crypto';

/** The digest by which imported prompts are known again. */
export function contentHash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
