import { mapProse } from './prompt-part.ts';
import { seededChoices, type SeededChoices } from './seeded-choices.ts';
import { atlas, type Strategy } from './strategy.ts';

/** Rewrites the words of a prompt so that they still can be read. */
export const surfaceRewrites: readonly Strategy[] = [
  rewrite({ id: 'camelcase', title: 'Camel case', summary: 'Runs the words together, each with a capital.', change: camelCase }),
  rewrite({
    id: 'piglatin',
    title: 'Pig Latin',
    summary: 'Moves the first consonants of every word to its end and adds "ay".',
    change: (text) => text.replace(/[A-Za-z]+/g, pigLatin),
  }),
  rewrite({
    id: 'char-space',
    title: 'Spaced characters',
    summary: 'Puts one space between the letters of a word and three between words.',
    change: spaceOut,
  }),
  rewrite({
    id: 'random-case',
    title: 'Random case',
    summary: 'Decides the case of every letter by chance.',
    change: (text, choices) =>
      text.replace(/[A-Za-z]/g, (letter) => (choices.below(2) === 0 ? letter.toLowerCase() : letter.toUpperCase())),
  }),
  rewrite({
    id: 'scrambled-words',
    title: 'Scrambled words',
    summary: 'Swaps two inner letters of every word of four letters or more.',
    change: (text, choices) => text.replace(/[A-Za-z]{4,}/g, (word) => swapInner(word, choices)),
  }),
  rewrite({
    id: 'disemvowel',
    title: 'Missing vowels',
    summary: 'Leaves out the vowels inside words.',
    change: (text) => text.replace(/(?<=[A-Za-z])[aeiou](?=[A-Za-z])/gi, ''),
  }),
];

interface RewriteRow extends Pick<Strategy, 'id' | 'title' | 'summary'> {
  readonly change: (text: string, choices: SeededChoices) => string;
}

function rewrite({ change, ...about }: RewriteRow): Strategy {
  return {
    ...about,
    kind: 'obfuscation',
    atlas: atlas.obfuscation,
    apply: (prompt, { seed }) => {
      const choices = seededChoices(seed);
      return mapProse(prompt, (text) => change(text, choices));
    },
  };
}

/** Spaces at either end stay, so that words do not run into what is kept beside them. */
function camelCase(text: string): string {
  return text.replace(/(?<=\S)[ \t]+(\S)/g, (_, first: string) => first.toUpperCase());
}

function pigLatin(word: string): string {
  const [, consonants = '', rest = ''] = /^([^aeiouAEIOU]*)(.*)$/.exec(word) ?? [];
  if (rest === '' || consonants === '') return `${word}way`;
  const moved = `${rest}${consonants.toLowerCase()}ay`;
  return /^[A-Z]/.test(word) ? moved.charAt(0).toUpperCase() + moved.slice(1) : moved;
}

function spaceOut(text: string): string {
  return text.replace(/ /g, '   ').replace(/\p{L}(?=\p{L})/gu, '$& ');
}

function swapInner(word: string, choices: SeededChoices): string {
  const at = 1 + choices.below(word.length - 3);
  return `${word.slice(0, at)}${word.charAt(at + 1)}${word.charAt(at)}${word.slice(at + 2)}`;
}
