import { findQuoted } from './refusal/quoted.ts';

/** Looking for the end of quotations costs most in long texts of unpaired marks; what stands further down counts as said. */
const maxChars = 32_768;

/**
 * Blanks what an answer only shows of somebody else's words (quotations, quoted lines, code blocks); every other character
 * keeps its place. An answer that is one quotation from end to end has nobody who quotes it, so it stays as it is.
 */
export function blankQuoted(answer: string): string {
  const head = answer.slice(0, maxChars);
  const pieces: string[] = [];
  let from = 0;
  for (const { start, end } of findQuoted(head)) {
    pieces.push(answer.slice(from, start), head.slice(start, end).replace(/[^\n]/g, ' '));
    from = end;
  }
  const said = [...pieces, answer.slice(from)].join('');
  return /[\p{L}\p{N}]/u.test(said) ? said : answer;
}
