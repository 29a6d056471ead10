/**
 * A text seen through one normalisation, with the way back: character `i` of `text` stands for the span
 * `starts[i]`..`ends[i]` of the source (UTF-16 code units, end exclusive).
 */
export interface TextView {
  readonly text: string;
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
  const built = new Map<string, TextView>();
  const once = (name: string, build: () => TextView): TextView => {
    const view = built.get(name) ?? build();
    built.set(name, view);
    return view;
  };
  return {
    source,
    get folded() {
      return once('folded', () => buildView(source, foldStep));
    },
    get alphanumeric() {
      return once('alphanumeric', () => buildView(source, alphanumericStep));
    },
    get unescaped() {
      return once('unescaped', () => buildView(source, unescapeStep));
    },
    get compact() {
      return once('compact', () => buildView(source, compactStep));
    },
    get hex() {
      return once('hex', () => buildView(source, hexStep));
    },
  };
}

/** The same folding as the `folded` view, for the value that is looked for. */
export function foldText(text: string): string {
  return buildView(text, foldStep).text;
}

/** The same reduction as the `alphanumeric` view. */
export function alphanumericText(text: string): string {
  return buildView(text, alphanumericStep).text;
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

function buildView(source: string, stepAt: StepAt): TextView {
  const codes = new Uint16Array(source.length);
  const starts = new Uint32Array(source.length);
  const ends = new Uint32Array(source.length);
  let size = 0;
  for (let index = 0; index < source.length;) {
    const step = stepAt(source, index);
    const next = index + (step >>> 17);
    const kept = step & 0x1ffff;
    if (kept !== 0) {
      codes[size] = kept - 1;
      starts[size] = index;
      ends[size] = next;
      size += 1;
    }
    index = next;
  }
  return { text: decodeCodes(codes.subarray(0, size)), starts: starts.subarray(0, size), ends: ends.subarray(0, size) };
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

interface Escape {
  readonly code: number;
  /** In the source. */
  readonly length: number;
}

function escapeAt(source: string, index: number, code: number): Escape | null {
  if (code === 0x25) {
    return hexEscape(source, index, { prefix: 1, digits: 2 });
  }
  if (code === 0x5c) {
    const kind = source.charCodeAt(index + 1);
    if (kind === 0x75) {
      return hexEscape(source, index, { prefix: 2, digits: 4 });
    }
    return kind === 0x78 ? hexEscape(source, index, { prefix: 2, digits: 2 }) : null;
  }
  if (code === 0x26 && source.charCodeAt(index + 1) === 0x23) {
    return numericEntity(source, index);
  }
  return null;
}

function hexEscape(source: string, index: number, { prefix, digits }: { prefix: number; digits: number }): Escape | null {
  const text = source.slice(index + prefix, index + prefix + digits);
  return text.length === digits && /^[0-9a-fA-F]+$/.test(text) ? { code: Number.parseInt(text, 16), length: digits + prefix } : null;
}

function numericEntity(source: string, index: number): Escape | null {
  const match = /^&#(?:x([0-9a-f]{1,4})|([0-9]{1,5}));?/i.exec(source.slice(index, index + 9));
  if (match === null) {
    return null;
  }
  const code = match[1] === undefined ? Number.parseInt(match[2] ?? '', 10) : Number.parseInt(match[1], 16);
  return code <= 0xffff ? { code, length: match[0].length } : null;
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
