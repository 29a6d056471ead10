import { mapProse } from './prompt-part.ts';
import { seededChoices } from './seeded-choices.ts';
import { atlas, type Strategy, type StrategyContext } from './strategy.ts';

/** Replaces characters one by one, by what a reader takes for the same. */
export const lookAlikes: readonly Strategy[] = [
  perCharacter({
    id: 'leetspeak',
    title: 'Leetspeak',
    summary: 'Replaces letters by digits and signs of a similar shape.',
    replace: (character) => leet.get(character.toLowerCase()),
  }),
  perCharacter({
    id: 'homoglyph',
    title: 'Homoglyphs',
    summary: 'Replaces Latin letters by Cyrillic and Greek ones that look the same.',
    replace: (character) => homoglyphs.get(character),
  }),
  perCharacter({
    id: 'fullwidth',
    title: 'Fullwidth',
    summary: 'Replaces ASCII by the fullwidth forms of East Asian typography.',
    replace: fullwidth,
  }),
  perCharacter({
    id: 'superscript',
    title: 'Superscript',
    summary: 'Replaces lower-case letters and digits by raised ones.',
    replace: (character) => superscripts.get(character),
  }),
  perCharacter({
    id: 'math-letters',
    title: 'Mathematical letters',
    summary: 'Replaces letters by the bold letters of mathematics.',
    replace: boldLetter,
  }),
  perCharacter({ id: 'emoji', title: 'Emoji letters', summary: 'Replaces letters by squared emoji letters.', replace: squaredLetter }),
  perCharacter({
    id: 'zero-width',
    title: 'Zero-width characters',
    summary: 'Puts an invisible character after every letter.',
    replace: (character, choose) => (/\p{L}/u.test(character) ? character + choose(['\u200b', '\u200c', '\u2060']) : undefined),
  }),
  perCharacter({
    id: 'diacritic',
    title: 'Diacritics',
    summary: 'Puts an accent on every vowel.',
    replace: (character, choose) => (/[aeiou]/i.test(character) ? character + choose(['\u0301', '\u0300', '\u0308', '\u0302']) : undefined),
  }),
  perCharacter({ id: 'zalgo', title: 'Zalgo', summary: 'Piles combining marks above and below every letter.', replace: zalgo }),
];

type Choose = (options: readonly [string, ...string[]]) => string;

interface CharacterRow extends Pick<Strategy, 'id' | 'title' | 'summary'> {
  /** What a character becomes; undefined when it stays as it is. */
  readonly replace: (character: string, choose: Choose) => string | undefined;
}

function perCharacter({ replace, ...about }: CharacterRow): Strategy {
  return {
    ...about,
    kind: 'obfuscation',
    atlas: atlas.obfuscation,
    apply: (prompt, { seed }: StrategyContext) => {
      const choices = seededChoices(seed);
      const choose: Choose = (options) => choices.pick(options);
      return mapProse(prompt, (text) => Array.from(text, (character) => replace(character, choose) ?? character).join(''));
    },
  };
}

const leet = pairs('abegiostz', '483910572');
const homoglyphs = pairs('aceijopsxyABCEHIKMOPSTXYZ', 'асеіјорѕхуАВСЕНІКМОРЅТХΥΖ');
const superscripts = pairs('abcdefghijklmnoprstuvwxyz0123456789', 'ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ⁰¹²³⁴⁵⁶⁷⁸⁹');

function fullwidth(character: string): string | undefined {
  return character >= '!' && character <= '~' ? String.fromCodePoint(character.charCodeAt(0) + 0xfee0) : undefined;
}

function boldLetter(character: string): string | undefined {
  if (/^[A-Z]$/.test(character)) return String.fromCodePoint(0x1d400 + character.charCodeAt(0) - 65);
  return /^[a-z]$/.test(character) ? String.fromCodePoint(0x1d41a + character.charCodeAt(0) - 97) : undefined;
}

/** Followed by a space that no screen shows: two such letters side by side can be read as the flag of a country. */
function squaredLetter(character: string): string | undefined {
  return /^[A-Za-z]$/.test(character) ? `${String.fromCodePoint(0x1f130 + character.toUpperCase().charCodeAt(0) - 65)}\u200b` : undefined;
}

const marks = ['\u030d', '\u0311', '\u0317', '\u0324', '\u0335', '\u0352', '\u0359', '\u035b'] as const;

function zalgo(character: string, choose: Choose): string | undefined {
  return /\p{L}/u.test(character) ? character + choose(marks) + choose(marks) + choose(marks) : undefined;
}

/** Pairs two rows of characters of the same length. */
function pairs(from: string, to: string): ReadonlyMap<string, string> {
  const partners = Array.from(to);
  return new Map(Array.from(from, (character, index) => [character, partners[index] ?? character]));
}
