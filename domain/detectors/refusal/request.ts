import { functionWords } from './lexicon.ts';
import { analyseText } from './sentences.ts';
import type { Sentence } from './sentences.ts';

/** What the classifiers know of the request that was answered. */
export interface RequestProfile {
  /** Stems of the words that carry the matter of the request. */
  readonly content: ReadonlySet<string>;
  readonly isNegated: boolean;
  /** First words of the last sentence of the request: how it asks. */
  readonly opening: readonly string[];
  readonly wordCount: number;
}

export function profileRequest(prompt: string | undefined): RequestProfile | undefined {
  if (prompt === undefined || prompt.trim() === '') return undefined;
  const { sentences, wordCount } = analyseText(prompt);
  const content = new Set<string>();
  for (const sentence of sentences) for (const word of sentence.words) if (isContent(word)) content.add(stem(word));
  const asking: Sentence | undefined = sentences.at(-1);
  const words = asking?.words ?? [];
  return { content, isNegated: words.some((word) => word === 'not' || word === 'never'), opening: words.slice(0, 5), wordCount };
}

export function isContent(word: string): boolean {
  return word.length > 2 && !functionWords.has(word);
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
