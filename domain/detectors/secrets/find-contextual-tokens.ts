import { wordsOfName } from './key-name.ts';
import { isPlaceholder } from './placeholder.ts';
import { entropyPerCharacter, hasRandomSegment } from './randomness.ts';
import type { SecretMatch } from './secret-match.ts';
import { keyContextWords, publicValueWords, serviceNames } from './service-names.ts';
import type { WorkLimit } from './work-limit.ts';

/** How far before a value, in characters, a word still speaks about it. */
const reach = 72;
const shortestToken = 14;
/** A longer run is encoded data and no key. */
const longestToken = 300;

const candidate = /[A-Za-z0-9][A-Za-z0-9_\-+/=.~:]{13,299}/g;

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const hex = /^[0-9a-f]+$/i;

/**
 * Finds random-looking values shortly behind the name of a service or a word such as "key".
 *
 * Hashes, ids and file names look random too: a value counts only without a word beside it that explains it so.
 */
export function findContextualTokens(text: string, limit: WorkLimit): SecretMatch[] {
  const matches: SecretMatch[] = [];
  let runEnd = -1;
  for (const { 0: raw, index } of text.matchAll(candidate)) {
    const continuesRun = index === runEnd;
    runEnd = raw.length === longestToken ? index + raw.length : -1;
    if (continuesRun || runEnd >= 0) continue;
    if (!limit.spend(raw.length)) break;
    const { value, offset } = trimToken(raw);
    if (value.length < shortestToken || !isTokenLike(value)) continue;
    if (!limit.spend(reach)) break;
    const start = index + offset;
    const confidence = contextConfidence(text, start, value);
    if (confidence > 0) matches.push({ ruleId: 'random-value-in-context', start, end: start + value.length, confidence });
  }
  return matches;
}

/** Leaves away a name and `=` or `:` before the value, and punctuation behind it. */
function trimToken(raw: string): { value: string; offset: number } {
  const cut = /^[\w.-]{1,40}[=:](?=[\w+/~.-]{14})/.exec(raw)?.[0].length ?? 0;
  return { value: raw.slice(cut).replace(/[.:=~-]+$/, (tail) => (tail.startsWith('=') ? tail : '')), offset: cut };
}

function isTokenLike(value: string): boolean {
  if (
    value.includes('://') ||
    value.split('/').length > 4 ||
    /^[\d.:-]+$/.test(value) ||
    /\.(?:com|org|net|io|dev|js|ts|py|json|html|png|jpg|md)\b/i.test(value)
  )
    return false;
  if (!/\d|[a-z][A-Z].*[a-z][A-Z]/.test(value)) return false;
  return (uuid.test(value) || hasRandomSegment(value, 14)) && entropyPerCharacter(value) >= 2.8 && !isPlaceholder(value);
}

function contextConfidence(text: string, start: number, value: string): number {
  const words = wordsBefore(text, start);
  const publicAt = words.findLastIndex((word) => publicValueWords.has(word));
  const keyAt = words.findLastIndex((word) => keyContextWords.has(word));
  const serviceAt = words.findLastIndex((word, at) => serviceNames.has(word) || (at > 0 && serviceNames.has(`${words[at - 1]}${word}`)));
  if (publicAt >= 0 && publicAt >= keyAt && publicAt >= serviceAt) return 0;
  if (keyAt >= 0 && serviceAt >= 0) return publicAt >= 0 ? 0.5 : 0.7;
  const isWeakShape = hex.test(value) || uuid.test(value);
  if (publicAt >= 0) return 0;
  if (serviceAt >= words.length - 5 && serviceAt >= 0) return isWeakShape ? 0.5 : 0.6;
  if (isWeakShape) return 0;
  if (keyAt >= words.length - 4 && keyAt >= 0) return 0.5;
  return isWholeValueOfName(text, start, value) ? 0.4 : 0;
}

/** Whether a name of any kind is set to exactly this long value of letters and digits: `acme = "…"`. */
function isWholeValueOfName(text: string, start: number, value: string): boolean {
  if (value.length < 24 || !/^[A-Za-z0-9]+$/.test(value) || entropyPerCharacter(value) < 3.6) return false;
  const isSet = /[\w\])"'] {0,2}(?:=|:|:=|=>) {0,2}["'`]$/.test(text.slice(Math.max(0, start - 8), start));
  return isSet && /["'`]/.test(text.charAt(start + value.length));
}

/** The words on the value's line and the line before, nearest last, as far as `reach` goes. */
function wordsBefore(text: string, start: number): string[] {
  const window = text.slice(Math.max(0, start - reach), start);
  const lines = window.split('\n');
  return wordsOfName(lines.slice(-2).join(' '));
}
