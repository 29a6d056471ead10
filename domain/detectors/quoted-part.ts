import { findQuoted } from './refusal/quoted.ts';
import type { TextSpan } from './text-span.ts';

/** Looking for the end of quotations costs most in long texts of unpaired marks; what stands further down counts as said. */
const maxChars = 32_768;

/**
 * Tells which spans of an answer only show what somebody else wrote: quotations, quoted lines and code blocks. An answer
 * that is one quotation from end to end has nobody who quotes it, so it counts as said.
 */
export function quotedPart(answer: string): (span: TextSpan) => boolean {
  const text = answer.slice(0, maxChars);
  const quoted = findQuoted(text);
  const saysMore = /[\p{L}\p{N}]/u.test(textOutside(text, quoted)) || answer.length > maxChars;
  return (span) => saysMore && quoted.some(({ start, end }) => start <= span.start && span.end <= end + 1);
}

function textOutside(text: string, spans: readonly TextSpan[]): string {
  const pieces: string[] = [];
  let from = 0;
  for (const { start, end } of spans) {
    pieces.push(text.slice(from, start));
    from = end;
  }
  return [...pieces, text.slice(from)].join('');
}
