import { z } from 'zod';

/** A name that a person gives to a thing: one line, not blank. */
export const nameSchema = z
  .string()
  .trim()
  .min(1, 'must not be blank')
  .max(200, 'must have at most 200 characters')
  .refine((name) => !hasControlCharacter(name), 'must be one line without control characters');

function hasControlCharacter(text: string): boolean {
  return Array.from(text).some((character) => character < ' ' || (character >= '\u007f' && character <= '\u009f'));
}
