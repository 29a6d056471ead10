import { riskRules, type RiskRule } from './risk-rules.ts';

/** What counts as one and the same in a sign, below 32. Letters count from 1 to 26, in either case. */
const whiteSpace = 0;
const kinds = [
  [/[a-z]/i, null],
  [/\s/, whiteSpace],
  [/\d/, 27],
  [/\./, 28],
  [/[/\\]/, 29],
  [/[_-]/, 30],
] as const;
const anythingElse = 31;

/**
 * What each UTF-16 unit counts as. Beyond ASCII all count as white space, which some of them are: where a sign is seen that
 * is not there, a rule searches the text in vain; none is missed.
 */
const kindOf = new Uint8Array(0x1_0000);
for (let code = 0; code < 0x80; code += 1) {
  const found = kinds.find(([pattern]) => pattern.test(String.fromCharCode(code)));
  kindOf[code] = found === undefined ? anythingElse : (found[1] ?? code % 32);
}

const places = 32 ** 3;

/** The place of the last three units, after one more. */
function next(place: number, text: string, index: number): number {
  return (place * 32 + (kindOf[text.charCodeAt(index)] ?? whiteSpace)) % places;
}

/** For each three units a bit for every rule that has them as a sign. Rules that share a bit are tried together. */
const rulesAt = new Int32Array(places);
for (const [rule, { signs }] of riskRules.entries()) {
  for (const sign of signs) {
    const place = [0, 1, 2].reduce((before, index) => next(before, sign, index), 0);
    rulesAt[place] = (rulesAt[place] ?? 0) | (1 << rule);
  }
}

/** The rules that may match in the text, in their order: those of which it holds a sign. One pass for all of them. */
export function rulesWithSign(text: string): readonly RiskRule[] {
  let place = 0;
  let found = 0;
  for (let index = 0; index < text.length; index += 1) {
    place = next(place, text, index);
    found |= rulesAt[place] ?? 0;
  }
  return found === 0 ? [] : riskRules.filter((_, rule) => (found & (1 << rule)) !== 0);
}
