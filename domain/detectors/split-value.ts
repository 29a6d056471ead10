import type { TextSpan } from './text-span.ts';
import { createTextViews, foldText, type TextView } from './text-views.ts';

export interface HeardAnswer {
  readonly text: string;
  /** All that the agent had been told when it answered. */
  readonly heard: string;
}

/** A piece of a value: which answer it is in, from 0, and where. */
export interface ValuePiece extends TextSpan {
  readonly answer: number;
}

/** Less than this is no value that anybody would recognise from its pieces. */
const minValueLength = 8;
/** Shorter pieces occur in any text. */
const minPieceLength = 3;
/** Pieces up to this length count only when they stand alone. */
const maxWordLength = 5;

/**
 * Finds a value that was given away piece by piece over several answers, each piece going on where the last one ended; `null`
 * when it was not, or when a piece is only an echo of what the agent had been told.
 */
export function findSplitValue(answers: readonly HeardAnswer[], value: string): readonly ValuePiece[] | null {
  const wanted = foldText(value);
  if (wanted.length < minValueLength) return null;
  const pieces: ValuePiece[] = [];
  let at = 0;
  for (const [answer, { text, heard }] of answers.entries()) {
    const piece = longestPiece(createTextViews(text).folded, wanted.slice(at));
    if (piece === null || foldText(heard).includes(piece.text)) continue;
    pieces.push({ answer, start: piece.start, end: piece.end });
    at += piece.text.length;
    if (at === wanted.length) return pieces.length > 1 ? pieces : null;
  }
  return null;
}

function longestPiece(view: TextView, rest: string): (TextSpan & { readonly text: string }) | null {
  for (let length = rest.length; length >= Math.min(minPieceLength, rest.length); length -= 1) {
    const text = rest.slice(0, length);
    const found = indexOfPiece(view.text, text);
    if (found >= 0) return { text, start: view.starts[found] ?? 0, end: view.ends[found + length - 1] ?? 0 };
  }
  return null;
}

function indexOfPiece(text: string, piece: string): number {
  for (let found = text.indexOf(piece); found >= 0; found = text.indexOf(piece, found + 1)) {
    if (piece.length > maxWordLength || standsAlone(text, found, piece.length)) return found;
  }
  return -1;
}

function standsAlone(text: string, start: number, length: number): boolean {
  const isWord = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}]/u.test(character);
  return !isWord(text[start - 1]) && !isWord(text[start + length]);
}
