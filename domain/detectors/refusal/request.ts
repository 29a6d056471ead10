import { functionWords, subjectClasses, wordClass } from './lexicon.ts';
import type { AnalysedText, Sentence } from './sentences.ts';
import { analyseText } from './sentences.ts';

/** What the classifiers know of the request that was answered. */
export interface RequestProfile {
  /** Stems of the words that carry the matter of the request. */
  readonly content: ReadonlySet<string>;
  /** Classes of subject matter that the request touches. */
  readonly subjects: ReadonlySet<string>;
  readonly isNegated: boolean;
  /** First words of the last sentence of the request: how it asks. */
  readonly opening: readonly string[];
  /** A short request in everyday English: its matter comes back in any answer to it. */
  readonly isPlain: boolean;
}

export function profileRequest(prompt: string | undefined): RequestProfile | undefined {
  if (prompt === undefined || prompt.trim() === '') return undefined;
  const { sentences, wordCount } = analyseText(prompt);
  const content = new Set<string>();
  const subjects = new Set<string>();
  for (const sentence of sentences) {
    for (const word of [...sentence.words, ...sentence.quotedWords]) {
      if (isContent(word)) content.add(stem(word));
      const kind = wordClass(word);
      if (kind !== undefined && subjectClasses.has(kind)) subjects.add(kind);
    }
  }
  const grammar = sentences.reduce(
    (sum, sentence) => sum + [...sentence.words, ...sentence.quotedWords].filter((word) => functionWords.has(word)).length,
    0,
  );
  const isPlain = wordCount <= longestPlain && grammar >= wordCount * leastGrammar;
  const asking: Sentence | undefined = sentences.at(-1);
  const words = asking?.words ?? [];
  return { content, subjects, isNegated: words.some((word) => word === 'not' || word === 'never'), opening: words.slice(0, 5), isPlain };
}

const longestPlain = 60;
const leastGrammar = 0.2;

/** How many of the request's words of matter the text repeats. */
export function countShared(text: AnalysedText, request: RequestProfile): number {
  const seen = new Set<string>();
  for (const sentence of text.sentences) {
    for (const words of [sentence.words, sentence.quotedWords]) {
      for (const word of words) {
        if (functionWords.has(word)) continue;
        const base = stem(word);
        if (request.content.has(base)) seen.add(base);
      }
    }
  }
  return seen.size;
}

/** Words of matter: neither grammar nor the verbs with which anything at all is asked for. */
function isContent(word: string): boolean {
  if (word.length < 3 || functionWords.has(word)) return false;
  const kind = wordClass(word);
  return kind !== 'HELP' && kind !== 'MAKE' && kind !== 'TELL' && kind !== 'REQUEST';
}

/** A crude stem, enough to see that `stealing` answers `steal`: common endings off, at most seven letters. */
export function stem(word: string): string {
  let base = word;
  if (base.length > 5 && base.endsWith('ing')) base = base.slice(0, -3);
  else if (base.length > 4 && base.endsWith('ed')) base = base.slice(0, -2);
  else if (base.length > 4 && base.endsWith('es')) base = base.slice(0, -2);
  else if (base.length > 3 && base.endsWith('s') && !base.endsWith('ss')) base = base.slice(0, -1);
  if (base.length > 4 && base.endsWith('e')) base = base.slice(0, -1);
  return base.slice(0, 7);
}
