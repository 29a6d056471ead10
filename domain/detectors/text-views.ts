import { escapeAt } from './text-escapes.ts';

/**
 * A text seen through one normalisation, with the way back: character `i` of `text` stands for the span
 * `starts[i]`..`ends[i]` of the source (UTF-16 code units, end exclusive).
 */
export interface TextView {
  readonly text: string;
  /** Found when first asked for: most texts hold nothing whose place matters. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** The views of one text; each is built when first asked for, in linear time. */
export interface TextViews {
  readonly source: string;
  /** ASCII in lower case, full-width forms as ASCII, tag characters as the ASCII they hide, invisible characters gone. */
  readonly folded: TextView;
  /** `folded`, only ASCII letters and digits. */
  readonly alphanumeric: TextView;
  /** `folded` after percent, HTML numeric and backslash escapes are undone. */
  readonly unescaped: TextView;
  /** White space and invisible characters gone, case kept, URL-safe base64 letters as the standard ones. */
  readonly compact: TextView;
  /** Hex digits in lower case without the usual separators and prefixes; anything else stays as a barrier. */
  readonly hex: TextView;
}

/** Prepares a text for the detectors. */
export function createTextViews(source: string): TextViews {
  const built = new Map<StepAt, TextView>();
  let ascii: Uint8Array | null | undefined;
  const once = (stepAt: StepAt): TextView => {
    if (ascii === undefined) ascii = asciiBytes(source);
    const view = built.get(stepAt) ?? lazyView(source, stepAt, ascii);
    built.set(stepAt, view);
    return view;
  };
  return {
    source,
    get folded() {
      return once(foldStep);
    },
    get alphanumeric() {
      return once(alphanumericStep);
    },
    get unescaped() {
      return once(unescapeStep);
    },
    get compact() {
      return once(compactStep);
    },
    get hex() {
      return once(hexStep);
    },
  };
}

/** The same folding as the `folded` view, for the value that is looked for. */
export function foldText(text: string): string {
  return lazyView(text, foldStep, null).text;
}

/** The same reduction as the `alphanumeric` view. */
export function alphanumericText(text: string): string {
  return lazyView(text, alphanumericStep, null).text;
}

/** Zero-width, bidirectional, joining and filler characters: a reader sees nothing where they stand. */
export function isInvisible(code: number): boolean {
  if (code < 0xad) {
    return false;
  }
  return (
    code === 0x00ad ||
    code === 0x034f ||
    code === 0x061c ||
    code === 0x115f ||
    code === 0x1160 ||
    code === 0x17b4 ||
    code === 0x17b5 ||
    (code >= 0x180b && code <= 0x180f) ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    code === 0x2800 ||
    code === 0x3164 ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    code === 0xfeff ||
    code === 0xffa0
  );
}

/**
 * What the character at an index becomes, packed in one number because an object for each of a million characters
 * costs more than all the rest: the code unit plus one (0: dropped), then from bit 17 how many source units it takes.
 */
type Step = number;

function keep(code: number, length = 1): Step {
  return (length << 17) | (code + 1);
}

function drop(length = 1): Step {
  return length << 17;
}

type StepAt = (source: string, index: number) => Step;

const encoder = new TextEncoder();

/** The text as bytes, or null where it is not all ASCII. */
function asciiBytes(source: string): Uint8Array | null {
  const bytes = encoder.encode(source);
  return bytes.length === source.length ? bytes : null;
}

function lazyView(source: string, stepAt: StepAt, ascii: Uint8Array | null): TextView {
  const walker = walkerOf(stepAt);
  const text = (ascii === null ? null : walkAscii(source, ascii, stepAt)) ?? walkCodes(source, walker);
  let places: Places | null = null;
  const placesOnce = (): Places => {
    places ??= findPlaces(source, walker, text.length);
    return places;
  };
  return {
    text,
    get starts() {
      return placesOnce().starts;
    },
    get ends() {
      return placesOnce().ends;
    },
  };
}

/** Half of the work for the text that most answers are; null where an escape stands for more than ASCII. */
function walkAscii(source: string, bytes: Uint8Array, stepAt: StepAt): string | null {
  const { table } = walkerOf(stepAt);
  const kept = new Uint8Array(bytes.length);
  let size = 0;
  for (let index = 0; index < bytes.length;) {
    let what = table[bytes[index] ?? 0] ?? needsLook;
    let next = index + 1;
    if (what === needsLook) {
      const step = stepAt(source, index);
      what = step & 0x1ffff;
      next = index + (step >>> 17);
      if (what > 0x80) return null;
    }
    if (what !== 0) {
      kept[size] = what - 1;
      size += 1;
    }
    index = next;
  }
  return asciiDecoder.decode(kept.subarray(0, size));
}

const asciiDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

function walkCodes(source: string, { walk }: Walker): string {
  const codes = new Uint16Array(source.length);
  return decodeCodes(codes.subarray(0, walk(source, codes, null)));
}

interface Places {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

function findPlaces(source: string, walker: Walker, size: number): Places {
  const places = { starts: new Uint32Array(size), ends: new Uint32Array(size) };
  walker.walk(source, new Uint16Array(size), places);
  return places;
}

interface Walker {
  /** What becomes of each character, as in a step; `needsLook` where it hangs on the next one. */
  readonly table: Uint16Array;
  /** Writes what the characters become, and where they stand if asked; returns how many are kept. */
  readonly walk: (source: string, codes: Uint16Array, places: Places | null) => number;
}

const walkers = new Map<StepAt, Walker>();

function walkerOf(stepAt: StepAt): Walker {
  const walker = walkers.get(stepAt) ?? createWalker(stepAt);
  walkers.set(stepAt, walker);
  return walker;
}

/** In a table: the character needs a look at what follows it. The code unit in its place is no character. */
const needsLook = 0xffff;

/** Looks up in a table what becomes of a character wherever that does not hang on the next one. */
function createWalker(stepAt: StepAt): Walker {
  const table = new Uint16Array(0x10000);
  for (let code = 0; code < needsLook; code += 1)
    table[code] = looksAhead(stepAt, code) ? needsLook : stepAt(String.fromCharCode(code), 0) & 0x1ffff;
  table[needsLook] = needsLook;
  const walk: Walker['walk'] = (source, codes, places) => {
    let size = 0;
    for (let index = 0; index < source.length;) {
      let kept = table[source.charCodeAt(index)] ?? needsLook;
      let next = index + 1;
      if (kept === needsLook) {
        const step = stepAt(source, index);
        kept = step & 0x1ffff;
        next = index + (step >>> 17);
      }
      if (kept !== 0) {
        codes[size] = kept - 1;
        if (places !== null) {
          places.starts[size] = index;
          places.ends[size] = next;
        }
        size += 1;
      }
      index = next;
    }
    return size;
  };
  return { table, walk };
}

/** True for what may begin an escape, a prefix of hexadecimal digits or a tag character in this view. */
function looksAhead(stepAt: StepAt, code: number): boolean {
  if (code === 0xdb40) return stepAt !== compactStep;
  if (stepAt === unescapeStep) return code === 0x25 || code === 0x26 || code === 0x5c;
  return stepAt === hexStep && (code === 0x30 || code === 0x5c);
}

/** Lone surrogates become U+FFFD, one for one, so that positions stay. */
const decoder = new TextDecoder('utf-16le', { ignoreBOM: true });

function decodeCodes(codes: Uint16Array): string {
  return decoder.decode(codes);
}

function foldStep(source: string, index: number): Step {
  const code = source.charCodeAt(index);
  const hidden = tagCharacter(source, index);
  if (hidden !== null) {
    return keep(foldCode(hidden), 2);
  }
  return isInvisible(code) ? drop() : keep(foldCode(code));
}

function alphanumericStep(source: string, index: number): Step {
  const step = foldStep(source, index);
  return isAlphanumeric((step & 0x1ffff) - 1) ? step : drop(step >>> 17);
}

function compactStep(source: string, index: number): Step {
  const code = source.charCodeAt(index);
  if (isInvisible(code) || isSpace(code)) {
    return drop();
  }
  if (code === 0x2d) {
    return keep(0x2b);
  }
  return keep(code === 0x5f ? 0x2f : code);
}

function hexStep(source: string, index: number): Step {
  const code = source.charCodeAt(index);
  const next = source.charCodeAt(index + 1) | 0x20;
  // `0x41` and `\x41`: the prefix is no digit of the data.
  if ((code === 0x30 || code === 0x5c) && next === 0x78) {
    return drop(2);
  }
  if (isSpace(code) || isInvisible(code) || hexSeparators.has(code)) {
    return drop();
  }
  return keep(foldCode(code));
}

const hexSeparators = new Set(':,;%-_|"\'`'.split('').map((character) => character.charCodeAt(0)));

function unescapeStep(source: string, index: number): Step {
  const code = source.charCodeAt(index);
  const unescaped = escapeAt(source, index, code);
  if (unescaped === null) {
    return foldStep(source, index);
  }
  return isInvisible(unescaped.code) ? drop(unescaped.length) : keep(foldCode(unescaped.code), unescaped.length);
}

/** U+E0020..U+E007E mirror ASCII and show nothing: a known way to smuggle text. */
function tagCharacter(source: string, index: number): number | null {
  if (source.charCodeAt(index) !== 0xdb40) {
    return null;
  }
  const low = source.charCodeAt(index + 1);
  return low >= 0xdc20 && low <= 0xdc7e ? low - 0xdc00 : null;
}

function foldCode(code: number): number {
  const narrow = code >= 0xff01 && code <= 0xff5e ? code - 0xfee0 : code;
  return narrow >= 0x41 && narrow <= 0x5a ? narrow + 0x20 : narrow;
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0 || code === 0x2028 || code === 0x2029 || code === 0x3000;
}
