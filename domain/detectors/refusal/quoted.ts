/** A stretch that the speaker shows and does not say: a code block, a quotation, a quoted line. End exclusive. */
export interface QuotedRange {
  readonly start: number;
  readonly end: number;
}

const longestQuotation = 1_000;

/** Finds what stands in code fences, in double quotation marks within one line, and on lines that begin with `>`. */
export function findQuoted(text: string): QuotedRange[] {
  const ranges: QuotedRange[] = [];
  let index = 0;
  while (index < text.length) {
    const end = quotedFrom(text, index);
    if (end > index) ranges.push({ start: index, end });
    index = Math.max(end, index + 1);
  }
  return ranges;
}

/** The end of the quotation that opens at `index`, or `index` where none does. */
function quotedFrom(text: string, index: number): number {
  const character = text[index];
  if (character === '`' && text.startsWith('```', index)) {
    const close = text.indexOf('```', index + 3);
    return close < 0 ? text.length : close + 3;
  }
  if (character === '>' && (index === 0 || text[index - 1] === '\n')) return lineEnd(text, index);
  if (character !== '"' && character !== '“') return index;
  const window = text.slice(index + 1, index + longestQuotation);
  const close = window.search(character === '"' ? /["\n]/u : /[”\n]/u);
  if (close < 0 || window[close] === '\n' || !isSpeech(window.slice(0, close))) return index;
  return index + close + 2;
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
