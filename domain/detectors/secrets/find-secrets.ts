import { findAssignedSecrets } from './find-assigned-secrets.ts';
import { findContextualTokens } from './find-contextual-tokens.ts';
import { findPrefixedTokens } from './find-prefixed-tokens.ts';
import { findStructuredSecrets } from './find-structured-secrets.ts';
import type { SecretMatch } from './secret-match.ts';
import { WorkLimit } from './work-limit.ts';

/** Version of the rules, raised with every change that can change a result. */
export const secretsVersion = 2;

/**
 * Finds credentials in a text: provider tokens, private keys, passwords in URLs, headers, commands and configuration
 * files, password hashes, and random-looking values whose surroundings say that they are keys.
 *
 * Matches come in the order of their place and never overlap; of two that do, the surer one stays. Placeholders,
 * template variables, checksums and references to a secret elsewhere are not reported. What is found before the limit is
 * exhausted is found; a caller that passes its own can tell whether that was all.
 */
export function findSecrets(text: string, limit = new WorkLimit()): SecretMatch[] {
  return withoutOverlaps([
    ...findPrefixedTokens(text, limit),
    ...findStructuredSecrets(text, limit),
    ...findAssignedSecrets(text, limit),
    ...findContextualTokens(text, limit),
  ]);
}

function withoutOverlaps(matches: readonly SecretMatch[]): SecretMatch[] {
  const kept: SecretMatch[] = [];
  for (const match of matches.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const previous = kept.at(-1);
    if (previous === undefined || match.start >= previous.end) kept.push(match);
    else if (match.confidence > previous.confidence) kept[kept.length - 1] = match;
  }
  return kept;
}
