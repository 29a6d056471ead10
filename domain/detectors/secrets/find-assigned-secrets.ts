import { secretConfidence } from './assigned-value.ts';
import { classifyKeyName } from './key-name.ts';
import type { SecretMatch } from './secret-match.ts';
import type { WorkLimit } from './work-limit.ts';

/** Any stem that a name of a secret holds; the whole name around it is judged afterwards. */
const stem =
  /pass|pwd|psw|pw|secret|token|key|auth|cred|bearer|jwt|salt|sid|dsn|licen[cs]e|cookie|signature|senha|contrase|heslo|mdp|seed|mnemonic|webhook|pat|otp|pin/gi;

const longestNamePart = 40;
/** A name and what follows it are read several times. */
const costOfName = 16;
const shortestValue = { password: 3, secret: 8 } as const;
/** Bounds the memory of one call; real texts hold far fewer different names. */
const longestMemory = 2_000;

/** From the end of the name to the first character of its value. */
const toValue = new RegExp(
  [
    // Closing of the name: quotes, brackets, Markdown emphasis, XML attributes.
    String.raw`\\?["'\x60\])}*_]{0,4}(?:[ ][\w:-]{1,20}="[^"<>]{0,40}"){0,2}[ \t]{0,12}`,
    // Separator: assignment, "is", XML, a call, a tuple, or a sibling called "value".
    String.raw`(?:`,
    String.raw`,?\s{0,24}[\\"'<{]{0,3}(?:string|value|val|content|data|defaultvalue)\\?["']?\s{0,4}(?:[:=>]{1,2})|`,
    String.raw`<\/(?:key|name|string|string-name)>\s{0,24}<(?:string|value)>|`,
    String.raw`\*{0,2}(?:=>|:=|\?=|===?|\|\||=|::?|,|>|\(|\bis\b:?|\bwas\b:?)\*{0,2}`,
    String.raw`)`,
    // Space, then a line break only behind a colon or bracket, then opening quotes.
    String.raw`[ \t]{0,12}(?:\r?\n[ \t]{1,24})?`,
  ].join(''),
  'iy',
);
const onlySpace = /[ \t]{1,12}(?=\S{4,200}[ \t]{0,4}(?:\r?\n|$))/y;
const quotedValue = /(?:[brfu@]{0,2}|\(|new String\(|Buffer\.from\()\\?(["'`])((?:(?!\1)[^\n\\]|\\[^\n"'`]){3,400})\\?\1/iy;
/** First letters of what may stand before an opening quote, e.g. `b"`, `new String("`. */
const mayPrefixQuote = /[brfun]/i;
const cdataValue = /<!\[CDATA\[([^\]\n]{3,200})\]\]>/y;
const bareValue = /[^\s"'`,;<>(){}[\]|\\=&]{3,400}={0,2}/y;
const bareUntilSpace = /[^\s"'`<>]{3,64}/y;
const behindLastValue = /^(?:[ \t]{0,3}(?:\r?\n|$)|<)/;

/** Finds values that a name such as `DB_PASSWORD`, `apiKey` or `client_secret` declares to be secret. */
export function findAssignedSecrets(text: string, limit: WorkLimit): SecretMatch[] {
  const matches: SecretMatch[] = [];
  const classOf = remember(classifyKeyName);
  const confidenceOf = { password: remember(confidenceIn('password')), secret: remember(confidenceIn('secret')) };
  let coveredTo = 0;
  stem.lastIndex = 0;
  for (let found = stem.exec(text); found !== null; found = stem.exec(text)) {
    if (found.index < coveredTo) continue;
    const end = nameEnd(text, found.index + found[0].length);
    stem.lastIndex = Math.max(end, found.index + 1);
    const separator = matchAt(toValue, text, end)?.[0] ?? matchAt(onlySpace, text, end)?.[0];
    if (separator === undefined) continue;
    const start = nameStart(text, found.index);
    const keyClass = classOf(text.slice(start, end));
    if (keyClass === 'none' || (keyClass === 'secret' && separator.trim() === '')) continue;
    const value = readValue(text, end, { separator, isPassword: keyClass === 'password' });
    if (!limit.spend(costOfName + (value?.text.length ?? 0))) break;
    if (value === undefined || value.text.length < shortestValue[keyClass]) continue;
    const confidence = confidenceOf[keyClass](`${value.isQuoted ? '"' : value.next.padEnd(1)}${value.text}`);
    if (confidence === 0 || isResourceName(text, start) || isSentence(text, value, separator)) continue;
    matches.push({ ruleId: `assigned-${keyClass}`, start: value.start, end: value.start + value.text.length, confidence });
    coveredTo = value.start + value.text.length;
    stem.lastIndex = coveredTo;
  }
  return matches;
}

function nameStart(text: string, from: number): number {
  let start = from;
  while (start > 0 && from - start < longestNamePart && isNameCharacter(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

function nameEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && end - from < longestNamePart && isNameCharacter(text.charCodeAt(end))) end += 1;
  while (end > from && (text.charAt(end - 1) === '.' || text.charAt(end - 1) === '-')) end -= 1;
  return end;
}

/** Letters, digits, underscore, hyphen and dot. */
function isNameCharacter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95 || code === 45 || code === 46
  );
}

/** Whether the name is a part of a cloud resource name, which points at a secret and holds none. */
function isResourceName(text: string, nameStartsAt: number): boolean {
  return text.slice(Math.max(0, nameStartsAt - 48), nameStartsAt).includes('arn:');
}

interface ReadValue {
  readonly text: string;
  readonly start: number;
  readonly isQuoted: boolean;
  readonly next: string;
}

interface ValuePlace {
  readonly separator: string;
  readonly isPassword: boolean;
}

function readValue(text: string, nameEndsAt: number, { separator, isPassword }: ValuePlace): ReadValue | undefined {
  const from = nameEndsAt + separator.length;
  const isWordAhead = isNameCharacter(text.charCodeAt(from)) && !mayPrefixQuote.test(text.charAt(from));
  const quoted = isWordAhead ? null : matchAt(quotedValue, text, from);
  if (quoted?.[2] !== undefined) return { text: quoted[2], start: from + quoted[0].indexOf(quoted[2], 1), isQuoted: true, next: '' };
  const cdata = text.charAt(from) === '<' ? matchAt(cdataValue, text, from) : null;
  if (cdata?.[1] !== undefined) return { text: cdata[1], start: from + '<![CDATA['.length, isQuoted: true, next: '' };
  // Behind an opening bracket or a comparison only a quoted value is a value; a bare word there is a piece of code.
  if (/(?:\(|==)\s*$/.test(separator)) return undefined;
  const bare = (isPassword ? lastValueOnLine(text, from) : undefined) ?? matchAt(bareValue, text, from)?.[0];
  if (bare === undefined) return undefined;
  const value = withoutPunctuation(bare);
  return { text: value, start: from, isQuoted: false, next: text.charAt(from + value.length) };
}

/** Whether a bare word is a part of a sentence: behind a space or a verb, or followed by another word. */
function isSentence(text: string, { text: value, start, isQuoted }: ReadValue, separator: string): boolean {
  if (isQuoted || !/^\p{L}+$/u.test(value)) return false;
  return (
    /^[*_"'`\s]*(?:(?:is|was):?[\s*_]*)?$/i.test(separator) ||
    /^[.,?!]?[ \t]{1,3}\p{L}/u.test(text.slice(start + value.length, start + value.length + 6))
  );
}

/** Cuts the end of a sentence off; a single exclamation mark may belong to a password. */
function withoutPunctuation(bare: string): string {
  let end = bare.length;
  while (end > 0 && '.,;:)?!'.includes(bare.charAt(end - 1))) end -= 1;
  return bare.endsWith('!') && end === bare.length - 1 ? bare : bare.slice(0, end);
}

/** A password at the end of its line may hold any character but space, quotes and angle brackets. */
function lastValueOnLine(text: string, from: number): string | undefined {
  const value = matchAt(bareUntilSpace, text, from)?.[0];
  if (value === undefined || /^[\w.$]{1,40}\(/.test(value)) return undefined;
  return behindLastValue.test(text.slice(from + value.length, from + value.length + 6)) ? value : undefined;
}

/** The confidence in a value given as its quote, or the character behind it, and then its text. */
function confidenceIn(keyClass: 'password' | 'secret'): (marked: string) => number {
  return (marked) => secretConfidence({ text: marked.slice(1), isQuoted: marked.startsWith('"'), next: marked.charAt(0) }, keyClass);
}

/** The same function, with its answers kept for the texts it was asked before. */
function remember<Value>(decide: (asked: string) => Value): (asked: string) => Value {
  const known = new Map<string, Value>();
  return (asked) => {
    const before = known.get(asked);
    if (before !== undefined) return before;
    const value = decide(asked);
    if (known.size < longestMemory) known.set(asked, value);
    return value;
  };
}

function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}
