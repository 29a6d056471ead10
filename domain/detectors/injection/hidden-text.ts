/** A text that stood encoded inside another one, with the place of its encoding, end exclusive. */
export interface HiddenText {
  readonly encoding: 'base64' | 'hex' | 'spaced letters' | 'reversed' | 'rot13';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const base64Run = /(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{24,4000}={0,2}(?![A-Za-z0-9+/=])/g;
const hexRun = /(?<![0-9A-Za-z])(?:[0-9a-f]{2}[ :]?){16,2000}(?![0-9A-Za-z])/gi;
const spacedRun = /(?<!\S)(?:\p{L}[ .-]){7,400}\p{L}(?![\p{L}])/gu;
const mostRuns = 40;
/** Turning a whole text around is tried on texts up to this length only. */
const longestTurned = 4_000;

/** Decodes the parts of a text that read as words once decoded; at most a few dozen of them. */
export function findHiddenTexts(text: string): HiddenText[] {
  const hidden: HiddenText[] = [];
  collect(hidden, text, { encoding: 'base64', pattern: base64Run, decode: decodeBase64 });
  collect(hidden, text, { encoding: 'hex', pattern: hexRun, decode: decodeHex });
  collect(hidden, text, { encoding: 'spaced letters', pattern: spacedRun, decode: (run) => run.replace(/[ .-]/g, '') });
  if (text.length <= longestTurned && text.length >= 20) {
    hidden.push({ encoding: 'reversed', text: Array.from(text).toReversed().join(''), start: 0, end: text.length });
    hidden.push({ encoding: 'rot13', text: text.replace(/[A-Za-z]/g, turnLetter), start: 0, end: text.length });
  }
  return hidden;
}

interface RunDecoder {
  readonly encoding: HiddenText['encoding'];
  readonly pattern: RegExp;
  readonly decode: (run: string) => string | undefined;
}

function collect(hidden: HiddenText[], text: string, { encoding, pattern, decode }: RunDecoder): void {
  let seen = 0;
  for (const { 0: run, index } of text.matchAll(pattern)) {
    seen += 1;
    if (seen > mostRuns) return;
    const decoded = decode(run);
    if (decoded !== undefined) hidden.push({ encoding, text: decoded, start: index, end: index + run.length });
  }
}

function decodeBase64(run: string): string | undefined {
  const standard = run.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  if (standard.length % 4 === 1) return undefined;
  return readable(atob(standard));
}

function decodeHex(run: string): string | undefined {
  const bytes = run.replace(/[ :]/g, '').match(/../g) ?? [];
  return readable(bytes.map((byte) => String.fromCharCode(Number.parseInt(byte, 16))).join(''));
}

function readable(decoded: string): string | undefined {
  return /^[\t\n\r\x20-\x7e]+$/.test(decoded) && decoded.includes(' ') ? decoded : undefined;
}

function turnLetter(letter: string): string {
  const code = letter.charCodeAt(0);
  const base = code < 97 ? 65 : 97;
  return String.fromCharCode(((code - base + 13) % 26) + base);
}
