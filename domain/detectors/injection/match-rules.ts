import { findHiddenTexts } from './hidden-text.ts';
import type { InjectionReason } from './injection-label.ts';
import { otherEnglishRules, otherLanguageRules, overrideRules } from './injection-rules.ts';
import type { InjectionRule } from './injection-rules.ts';
import { normaliseText } from './normalise-text.ts';

/** Every rule, in the order in which the model's weights count them. */
const injectionRules: readonly InjectionRule[] = [...overrideRules, ...otherEnglishRules, ...otherLanguageRules];

export interface RuleMatch extends InjectionReason {
  readonly weight: number;
}

const longestExcerpt = 120;
/** A text with more matches than this is an injection by any of them. */
const mostMatches = 60;
/** Within a match the next one may start; no phrase is shorter than this. */
const shortestStep = 4;
/** Fewer invisible characters than this appear in honest text, e.g. in emoji and joined scripts. */
const suspiciousInvisibleCount = 8;

/** All places where a rule holds, in the text itself and in what is encoded inside it. */
export function matchRules(original: string): RuleMatch[] {
  const { text, origin, invisibleCount } = normaliseText(original);
  const place = (index: number): number => (origin === null ? index : (origin[index] ?? original.length));
  const matches: RuleMatch[] = [];
  for (const found of matchPlainRules(text)) {
    const start = place(found.start);
    const end = place(found.end - 1) + 1;
    matches.push({ ...found, start, end, excerpt: original.slice(start, Math.min(end, start + longestExcerpt)) });
    if (found.language !== undefined)
      matches.push({
        ...found,
        label: 'multi_language',
        start,
        end,
        excerpt: original.slice(start, Math.min(end, start + longestExcerpt)),
      });
  }
  for (const hidden of findHiddenTexts(text)) {
    const inside = matchPlainRules(hidden.text).find(
      (match) => match.weight >= (hidden.encoding === 'reversed' || hidden.encoding === 'rot13' ? 0.7 : 0.5),
    );
    if (inside === undefined) continue;
    const start = place(hidden.start);
    const end = place(hidden.end - 1) + 1;
    const excerpt = inside.excerpt.slice(0, longestExcerpt);
    matches.push({ label: 'encoding', ruleId: `${hidden.encoding}: ${inside.ruleId}`, start, end, excerpt, weight: 0.9 });
    matches.push({ label: inside.label, ruleId: inside.ruleId, start, end, excerpt, weight: inside.weight });
  }
  if (invisibleCount >= suspiciousInvisibleCount && matches.length > 0) {
    matches.push({ label: 'encoding', ruleId: 'invisible-characters', start: 0, end: original.length, excerpt: '', weight: 0.5 });
  }
  return matches;
}

interface PlainMatch extends RuleMatch {
  readonly language: string | undefined;
}

interface RuleGroup {
  /** Global; holds wherever any rule of the group starts to hold. */
  readonly any: RegExp;
  readonly members: readonly { readonly rule: InjectionRule; readonly sticky: RegExp }[];
  /** Read with its capitals; the other groups read a lower-case copy, which is faster than ignoring case. */
  readonly isCased: boolean;
}

const wordStart = String.raw`\b`;
const groups: readonly RuleGroup[] = [
  groupOf(
    injectionRules.filter((rule) => !isCased(rule) && rule.pattern.source.startsWith(wordStart)),
    wordStart,
  ),
  groupOf(
    injectionRules.filter((rule) => !isCased(rule) && !rule.pattern.source.startsWith(wordStart)),
    '',
  ),
  groupOf(injectionRules.filter(isCased), ''),
];

function isCased(rule: InjectionRule): boolean {
  return !rule.pattern.ignoreCase;
}

function groupOf(rules: readonly InjectionRule[], start: string): RuleGroup {
  // The start stands before all of them, so that it is asked once at each place.
  const sources = rules.map((rule) => `(?:${rule.pattern.source.slice(start.length)})`);
  return {
    any: new RegExp(`${start}(?:${sources.join('|')})`, 'gu'),
    members: rules.map((rule) => ({ rule, sticky: new RegExp(rule.pattern.source, 'yu') })),
    isCased: rules.every(isCased),
  };
}

/** One pass per group finds where some rule holds; only there is every rule of the group asked. */
function matchPlainRules(text: string): PlainMatch[] {
  // The capital I with a dot is the one letter whose lower case is longer than itself.
  const lower = text.replaceAll('\u0130', 'i').toLowerCase();
  const matches: PlainMatch[] = [];
  for (const group of groups) {
    const read = group.isCased ? text : lower;
    group.any.lastIndex = 0;
    for (let found = group.any.exec(read); found !== null && matches.length < mostMatches; found = group.any.exec(read)) {
      matches.push(...matchesAt(group, { read, text, index: found.index }));
      group.any.lastIndex = found.index + Math.max(1, Math.min(found[0].length, shortestStep));
    }
  }
  return matches;
}

function matchesAt(group: RuleGroup, { read, text, index }: { read: string; text: string; index: number }): PlainMatch[] {
  const matches: PlainMatch[] = [];
  for (const { rule, sticky } of group.members) {
    sticky.lastIndex = index;
    const length = sticky.exec(read)?.[0].length;
    if (length === undefined) continue;
    const end = index + Math.max(1, length);
    matches.push({
      label: rule.label,
      ruleId: rule.id,
      start: index,
      end,
      excerpt: text.slice(index, end),
      weight: rule.weight,
      language: rule.language,
    });
  }
  return matches;
}
