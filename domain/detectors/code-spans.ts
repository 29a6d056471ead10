import type { TextSpan } from './text-span.ts';

/** Spans of a markdown text that are shown as they are written: fenced blocks and inline code, in order. */
export function codeSpans(text: string): TextSpan[] {
  const spans: TextSpan[] = [];
  let at = text.indexOf('`');
  while (at !== -1 && spans.length < 10_000) {
    let length = 1;
    while (text[at + length] === '`') length += 1;
    const isFence = length >= 3;
    const end = text.indexOf('`'.repeat(Math.min(length, 64)), at + length);
    if (end === -1) {
      // An open fence runs to the end; a lone backtick is only a character. No further run of this length closes.
      if (isFence) spans.push({ start: at, end: text.length });
      return spans;
    }
    const lineBreak = isFence ? -1 : text.slice(at, end).indexOf('\n\n');
    if (lineBreak === -1) spans.push({ start: at, end: end + length });
    at = text.indexOf('`', lineBreak === -1 ? end + length : at + length);
  }
  return spans;
}

/** True when the position lies in one of the ordered spans. */
export function isInside(at: number, spans: readonly TextSpan[]): boolean {
  let low = 0;
  let high = spans.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const span = spans[middle];
    if (span === undefined) return false;
    if (at < span.start) high = middle - 1;
    else if (at >= span.end) low = middle + 1;
    else return true;
  }
  return false;
}
