import { z } from 'zod';

/** A name that a person gives to a thing: one line, not blank. */
export const nameSchema = z
  .string()
  .trim()
  .min(1, { error: 'must not be blank', abort: true })
  .refine(canBeSeen, 'must not be blank')
  .max(200, 'must have at most 200 characters')
  .refine((name) => !hasControlCharacter(name), 'must be one line without control characters');

/** What somebody has to say in their own words: `blank` is the fault of a text of nothing that can be seen. */
export function wordsSchema(blank: string) {
  return z.string().trim().min(1, { error: blank, abort: true }).refine(canBeSeen, blank).max(2_000, 'must have at most 2,000 characters');
}

/** Trimming leaves characters of no width, which would let a reason be given that nobody can read. */
function canBeSeen(text: string): boolean {
  return /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/u.test(text);
}

function hasControlCharacter(text: string): boolean {
  return Array.from(text).some((character) => character < ' ' || (character >= '\u007f' && character <= '\u009f'));
}
