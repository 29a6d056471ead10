import { cloudTokenRules } from './cloud-token-rules.ts';
import { isPlaceholder } from './placeholder.ts';
import { hasRandomSegment } from './randomness.ts';
import type { SecretMatch } from './secret-match.ts';
import { serviceTokenRules } from './service-token-rules.ts';
import type { WorkLimit } from './work-limit.ts';

interface CompiledRule {
  readonly ruleId: string;
  readonly prefix: string;
  /** Sticky, set on the first character behind the prefix. */
  readonly tail: RegExp;
}

interface StartGroup {
  /** Sticky; holds where any rule of the group does, so that most word starts cost one test. */
  readonly any: RegExp;
  readonly rules: readonly CompiledRule[];
}

const groupsByStart = compileGroups();

function compileGroups(): Map<number, StartGroup> {
  const groups = new Map<number, StartGroup>();
  for (const [key, rules] of compileRules()) {
    const sources = rules.map((rule) => `${rule.prefix.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}${rule.tail.source}`);
    groups.set(key, { any: new RegExp(sources.join('|'), 'y'), rules });
  }
  return groups;
}

/** Rules by their prefix's first two characters, the longest prefix first. */
function compileRules(): Map<number, CompiledRule[]> {
  const byStart = new Map<number, CompiledRule[]>();
  for (const [ruleId, tailSource, ...prefixes] of [...cloudTokenRules, ...serviceTokenRules]) {
    const tail = new RegExp(`${tailSource}(?![A-Za-z0-9])`, 'y');
    for (const prefix of prefixes) {
      const key = startKey(prefix, 0);
      byStart.set(key, [...(byStart.get(key) ?? []), { ruleId, prefix, tail }]);
    }
  }
  for (const [key, rules] of byStart)
    byStart.set(
      key,
      rules.toSorted((a, b) => b.prefix.length - a.prefix.length),
    );
  return byStart;
}

function startKey(text: string, index: number): number {
  return text.charCodeAt(index) * 65_536 + text.charCodeAt(index + 1);
}

/**
 * Finds tokens that carry their provider's prefix.
 *
 * One walk over the text: at the start of each word the first two characters choose the few rules that could apply, so
 * the number of rules does not multiply the work.
 */
export function findPrefixedTokens(text: string, limit: WorkLimit): SecretMatch[] {
  const matches: SecretMatch[] = [];
  let wasAlphanumeric = false;
  let coveredTo = 0;
  for (let index = 0; index < text.length - 8 && !limit.isExhausted; index += 1) {
    const isWordStart = !wasAlphanumeric;
    wasAlphanumeric = isAlphanumeric(text.charCodeAt(index));
    if (!isWordStart || !wasAlphanumeric || index < coveredTo) continue;
    const group = groupsByStart.get(startKey(text, index));
    if (group === undefined) continue;
    group.any.lastIndex = index;
    const match = group.any.test(text) ? firstMatch({ text, limit }, index, group.rules) : undefined;
    if (match === undefined) continue;
    matches.push(match);
    coveredTo = match.end;
  }
  return matches;
}

function isAlphanumeric(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90);
}

interface Search {
  readonly text: string;
  readonly limit: WorkLimit;
}

function firstMatch({ text, limit }: Search, index: number, rules: readonly CompiledRule[]): SecretMatch | undefined {
  for (const { ruleId, prefix, tail } of rules) {
    if (!text.startsWith(prefix, index)) continue;
    tail.lastIndex = index + prefix.length;
    const found = tail.exec(text);
    if (found === null) continue;
    const end = tail.lastIndex;
    if (!limit.spend(end - index)) return undefined;
    if (!hasRandomSegment(text.slice(index, end), 10) || isPlaceholder(text.slice(index, end)) || isPlaceholder(found[0])) continue;
    return { ruleId, start: index, end, confidence: prefix.length >= 4 ? 0.95 : 0.8 };
  }
  return undefined;
}
