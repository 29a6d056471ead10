/** A stretch that the speaker shows and does not say: a code block, a quotation, a quoted line. End exclusive. */
export interface QuotedRange {
  readonly start: number;
  readonly end: number;
}

const longestQuotation = 1_000;

/** Finds what stands in code fences, in double quotation marks within one line, and on lines that begin with `>`. */
export function findQuoted(text: string): QuotedRange[] {
  const ranges: QuotedRange[] = [];
  const nextOf = nextPlaces(text);
  let index = 0;
  while (index < text.length) {
    const end = quotedFrom(text, index, nextOf);
    if (end > index) ranges.push({ start: index, end });
    index = Math.max(end, index + 1);
  }
  return ranges;
}

type NextPlace = (character: string, from: number) => number;

/** The next place of a character, or the length of the text. Asked from left to right, it reads the text once for each. */
function nextPlaces(text: string): NextPlace {
  const known = new Map<string, number>();
  return (character, from) => {
    const seen = known.get(character);
    if (seen !== undefined && seen >= from) return seen;
    const found = text.indexOf(character, from);
    const place = found < 0 ? text.length : found;
    known.set(character, place);
    return place;
  };
}

/** The end of the quotation that opens at `index`, or `index` where none does. */
function quotedFrom(text: string, index: number, nextOf: NextPlace): number {
  const character = text[index];
  if (character === '`' && text.startsWith('```', index)) {
    const close = text.indexOf('```', index + 3);
    return close < 0 ? text.length : close + 3;
  }
  if (character === '>' && (index === 0 || text[index - 1] === '\n')) return lineEnd(text, index);
  if (character !== '"' && character !== '“') return index;
  const close = nextOf(character === '"' ? '"' : '”', index + 1);
  const isClosed = close < Math.min(text.length, index + longestQuotation) && nextOf('\n', index + 1) > close;
  return isClosed && isSpeech(text.slice(index + 1, close)) ? close + 1 : index;
}

/** Three words or more; a word or two in quotation marks are a term and not speech. */
function isSpeech(quotation: string): boolean {
  const first = quotation.indexOf(' ');
  return first > 0 && quotation.includes(' ', first + 1);
}

function lineEnd(text: string, index: number): number {
  const end = text.indexOf('\n', index);
  return end < 0 ? text.length : end;
}
