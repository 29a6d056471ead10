/** A text as the rules read it, with the way back to the places of the original. */
export interface NormalisedText {
  readonly text: string;
  /** Place in the original of each UTF-16 code unit of `text`, or `null` where both are the same. */
  readonly origin: Uint32Array | null;
  /** Invisible characters that were left out: zero-width, bidirectional, tag characters. */
  readonly invisibleCount: number;
}

const ordinary = /^[\t\n\r -~\u00a0-\u00ac\u00ae-\u024f\u2018-\u201e\u2013\u2014\u2026]*$/;
const invisible = /\p{Default_Ignorable_Code_Point}/u;
const tagBase = 0xe0000;

/** Cyrillic and Greek letters that look like Latin ones; used only inside words that also hold Latin letters. */
const lookAlikes: Readonly<Record<string, string>> = {
  а: 'a',
  в: 'b',
  е: 'e',
  ё: 'e',
  з: '3',
  и: 'u',
  і: 'i',
  ї: 'i',
  ј: 'j',
  к: 'k',
  м: 'm',
  н: 'h',
  о: 'o',
  р: 'p',
  с: 'c',
  ѕ: 's',
  т: 't',
  у: 'y',
  х: 'x',
  ԁ: 'd',
  ӏ: 'l',
  ԛ: 'q',
  ԝ: 'w',
  һ: 'h',
  А: 'A',
  В: 'B',
  Е: 'E',
  І: 'I',
  К: 'K',
  М: 'M',
  Н: 'H',
  О: 'O',
  Р: 'P',
  С: 'C',
  Ѕ: 'S',
  Т: 'T',
  У: 'Y',
  Х: 'X',
  α: 'a',
  β: 'b',
  ε: 'e',
  η: 'n',
  ι: 'i',
  κ: 'k',
  ν: 'v',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  υ: 'u',
  χ: 'x',
  ω: 'w',
};

/**
 * Undoes what hides words from a reader of code points: compatibility forms, look-alike letters, invisible characters.
 *
 * Tag characters become the ASCII they stand for, as a model reads them.
 */
export function normaliseText(original: string): NormalisedText {
  if (ordinary.test(original)) return { text: original, origin: null, invisibleCount: 0 };
  if (!invisible.test(original) && original.normalize('NFKC') === original) {
    return { text: latinWords(original), origin: null, invisibleCount: 0 };
  }
  const pieces: string[] = [];
  const origin = new Uint32Array(original.length * 4);
  let length = 0;
  let invisibleCount = 0;
  let place = 0;
  for (const character of original) {
    const plain = plainForm(character);
    if (plain === '' || isTag(character)) invisibleCount += 1;
    const bounded = plain.slice(0, 4);
    for (let index = 0; index < bounded.length; index += 1) origin[length + index] = place;
    length += bounded.length;
    pieces.push(bounded);
    place += character.length;
  }
  return { text: latinWords(pieces.join('')), origin: origin.subarray(0, length), invisibleCount };
}

/** The text as it reads where every look-alike is taken for a Latin letter, also in words that hold no other. */
export function readAsLatin(original: string): string {
  return normaliseText(original).text.replace(/[\u0370-\u052f]/g, (letter) => lookAlikes[letter] ?? letter);
}

function isTag(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code > tagBase && code < tagBase + 0x80;
}

function plainForm(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return character;
  if (isTag(character)) return code >= tagBase + 0x20 && code < tagBase + 0x7f ? String.fromCodePoint(code - tagBase) : '';
  if (invisible.test(character)) return '';
  return code >= 0x2000 ? character.normalize('NFKC') : character;
}

const firstForeign = 0x370;
const lastForeign = 0x52f;
/** The Latin letter that each Greek or Cyrillic one looks like, or itself. */
const latinOf = Uint16Array.from({ length: lastForeign - firstForeign + 1 }, (_, offset) => {
  const letter = String.fromCharCode(firstForeign + offset);
  return (lookAlikes[letter] ?? letter).charCodeAt(0);
});

/** Replaces look-alikes in words of mixed script; keeps the length. */
function latinWords(text: string): string {
  if (!/[\u0370-\u052f]/.test(text)) return text;
  const codes = new Uint16Array(text.length);
  for (let index = 0; index < text.length; index += 1) codes[index] = text.charCodeAt(index);
  let start = 0;
  let hasLatin = false;
  for (let index = 0; index <= codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (isForeign(code)) continue;
    if (isLatin(code)) hasLatin = true;
    else {
      if (hasLatin) replaceForeign(codes, start, index);
      start = index + 1;
      hasLatin = false;
    }
  }
  return decoder.decode(codes);
}

/** Lone surrogates become U+FFFD, one for one. */
const decoder = new TextDecoder('utf-16le', { ignoreBOM: true });

function replaceForeign(codes: Uint16Array, start: number, end: number): void {
  for (let index = start; index < end; index += 1) {
    const code = codes[index] ?? 0;
    if (isForeign(code)) codes[index] = latinOf[code - firstForeign] ?? code;
  }
}

function isForeign(code: number): boolean {
  return code >= firstForeign && code <= lastForeign;
}

function isLatin(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}
