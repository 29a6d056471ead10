import { readAsLatin } from '../detectors/injection/normalise-text.ts';

/** Holds an escape, a letter of another script, or what may be encoded. A plain text is most of them, and is read once. */
const mayHide = /[%&\\+\u0080-\uffff]|\d[0-9a-f](?:[ :]?[0-9a-f]{2}){4}|(?:\d|[a-z][A-Z]|[A-Z]{2})[\w+/-]{4}/;

/** How often encodings within encodings are undone. */
const rounds = 3;

/**
 * A text as it stands, and as an agent may read it who undoes what hides its words: look-alike and invisible characters,
 * percent, backslash and HTML escapes, hexadecimal and base64. Ciphers that only their author knows are not undone.
 * Takes linear time.
 */
export function riskReadings(text: string): readonly string[] {
  const readings = [text];
  if (!mayHide.test(text)) return readings;
  let latest = [text];
  for (let round = 0; round < rounds && latest.length > 0; round += 1) {
    const undone = latest.flatMap((reading) => [plainly(reading), decoded(reading)]);
    latest = undone.filter((reading) => reading !== '' && !readings.includes(reading));
    readings.push(...new Set(latest));
  }
  return readings;
}

const isPlain = /^[\t\n\r !"#$'-*,-[\]-~]*$/;

/** Without escapes and marks, in Latin letters; what has no white space is taken for an address or a form. */
function plainly(text: string): string {
  if (isPlain.test(text)) return '';
  const spaced = /\s/.test(text) ? text : text.replaceAll('+', ' ');
  const unescaped = spaced.replace(percentRun, unescapePercent).replace(backslashEscape, unescapeBackslash).replace(entity, unescapeEntity);
  return isAscii(unescaped)
    ? unescaped
    : readAsLatin(unescaped)
        .normalize('NFD')
        .replace(/\p{M}+/gu, '');
}

function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}

const percentRun = /(?:%[0-9a-f]{2})+/gi;
const backslashEscape = /\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|([nrt"'/\\]))/gi;
const entity = /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos|nbsp|sol|bsol|period));?/gi;
const utf8 = new TextDecoder();

function unescapePercent(run: string): string {
  return utf8.decode(bytesOfHex(run.replaceAll('%', '')));
}

const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

// oxlint-disable-next-line max-params -- the groups of the pattern, as `replace` hands them over.
function unescapeBackslash(_whole: string, point?: string, unit?: string, byte?: string, letter = ''): string {
  const hex = point ?? unit ?? byte;
  return hex === undefined ? (controls[letter.toLowerCase()] ?? letter) : characterAt(Number.parseInt(hex, 16));
}

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  sol: '/',
  bsol: '\\',
  period: '.',
};

// oxlint-disable-next-line max-params -- the groups of the pattern, as `replace` hands them over.
function unescapeEntity(_whole: string, hex?: string, decimal?: string, name = ''): string {
  if (hex !== undefined) return characterAt(Number.parseInt(hex, 16));
  return decimal === undefined ? (entities[name.toLowerCase()] ?? '') : characterAt(Number(decimal));
}

function characterAt(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

const hexRun = /\b(?:0x)?[0-9a-f]{2}[ :]?(?:(?:0x)?[0-9a-f]{2}[ :]?){4,}(?![0-9a-z])/gi;
/** Lines of a longer encoding count as one. */
const base64Run = /(?<![\w+/-])[\w+/-]{10,}(?:\r?\n[\w+/-]{10,})*/g;
/** What has digits or both cases is more than a long word. */
const isEncoded = /(?:\d|[a-z][A-Z]|[A-Z]{2})[\w+/-]{4}/;

/** What stands in the text as base64 or hexadecimal, each on a line of its own. */
function decoded(text: string): string {
  const found: (readonly string[])[] = [];
  for (const run of text.match(hexRun) ?? []) found.push(printable(bytesOfHex(run.replace(/0x|[ :]/gi, ''))));
  if (isEncoded.test(text)) for (const run of text.match(base64Run) ?? []) if (isEncoded.test(run)) found.push(base64Texts(run));
  return found.flat().join('\n');
}

/** Where the encoding begins is not known: it may follow the last part of a path. Each of the four ways is tried. */
function base64Texts(run: string): string[] {
  const letters = run
    .replace(/[\r\n]/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  return [0, 1, 2, 3].flatMap((skipped) => {
    const rest = letters.slice(skipped);
    return printable(bytesOfBinary(atob(rest.length % 4 === 1 ? rest.slice(0, -1) : rest)));
  });
}

function bytesOfBinary(binary: string): Uint8Array {
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

function bytesOfHex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Without the zeros of UTF-16. */
function printable(bytes: Uint8Array): readonly string[] {
  return utf8.decode(bytes).replaceAll('\0', '').match(readable) ?? [];
}

/** No controls, and nothing that is not UTF-8. */
const readable = /[\t\n\r -~\u00a0-\ufffc]{4,}/g;
