import type { SentenceCues } from './cues.ts';
import { readCues } from './cues.ts';
import { functionWords, wordClass } from './lexicon.ts';
import type { RequestProfile } from './request.ts';
import { isContent, profileRequest, stem } from './request.ts';
import type { AnalysedText, Sentence } from './sentences.ts';
import { analyseText } from './sentences.ts';

export type FeatureVector = ReadonlyMap<string, number>;

export interface AnalysedAnswer {
  readonly text: AnalysedText;
  readonly cues: readonly SentenceCues[];
  readonly request: RequestProfile | undefined;
}

/** Reads an answer, and the request where it is known, into sentences with their cues. */
export function analyseAnswer(answer: string, prompt: string | undefined): AnalysedAnswer {
  const text = analyseText(answer);
  const request = profileRequest(prompt);
  return { text, request, cues: text.sentences.map((sentence) => readCues(sentence, request)) };
}

/**
 * The features of the linear models: cues by position, shape of the answer, and n-grams over an alphabet in which the
 * request's own words are `P`, stance words their class, other content words `W`. Names are stable: weights refer to them.
 */
export function extractFeatures(analysed: AnalysedAnswer): Map<string, number> {
  const features = new Map<string, number>();
  addCues(features, analysed.cues);
  addShape(features, analysed);
  addRequest(features, analysed);
  analysed.text.sentences.slice(0, 3).forEach((sentence, index) => {
    addGrams(features, sentence, { prefix: index === 0 ? 'a' : 'b', request: analysed.request });
  });
  return features;
}

const cueNames = [
  'declines', 'apologises', 'disowns', 'condemns', 'namesMachine', 'lacksAccess', 'deniesPremise', 'lectures', 'redirects', 'opensCompliance', 'instructs',
] as const satisfies readonly (keyof SentenceCues)[];

function addCues(features: Map<string, number>, cues: readonly SentenceCues[]): void {
  const count = Math.max(1, cues.length);
  for (const name of cueNames) {
    if (cues[0]?.[name] === true) features.set(`0:${name}`, 1);
    if (cues.slice(1, 3).some((cue) => cue[name])) features.set(`1:${name}`, 1);
    if (cues.length > 3 && cues.at(-1)?.[name] === true) features.set(`z:${name}`, 1);
    const hits = cues.filter((cue) => cue[name]).length;
    if (hits > 0) features.set(`s:${name}`, hits / count);
    if (hits > 0) features.set(`any:${name}`, 1);
  }
  const opposing = cues.findIndex((cue) => cue.declines || cue.disowns || cue.condemns || cue.lacksAccess);
  if (opposing >= 0) features.set(`first:${Math.min(opposing, 4)}`, 1);
  const helpless = cues.filter((cue) => cue.declines || cue.disowns || cue.condemns || cue.lectures || cue.redirects || cue.apologises).length;
  features.set('s:opposes', helpless / count);
  if (cues[0]?.opensCompliance !== true && opposing < 0) features.set('none:opposes', 1);
}

function addShape(features: Map<string, number>, { text }: AnalysedAnswer): void {
  const items = text.sentences.filter((sentence) => sentence.isListItem).length;
  features.set('len', Math.min(1, Math.log10(1 + text.wordCount) / 3));
  if (text.wordCount < 25) features.set('len:short', 1);
  if (text.wordCount > 120) features.set('len:long', 1);
  if (items >= 3) features.set('list', 1);
  features.set('listShare', items / Math.max(1, text.sentences.length));
  if (text.hasCodeBlock) features.set('code', 1);
}

function addRequest(features: Map<string, number>, { text, cues, request }: AnalysedAnswer): void {
  if (request === undefined) return;
  features.set('overlap:0', cues[0]?.overlap ?? 0);
  const seen = new Set<string>();
  for (const sentence of text.sentences) for (const word of sentence.words) if (isContent(word) && request.content.has(stem(word))) seen.add(stem(word));
  const share = seen.size / Math.max(1, Math.min(12, request.content.size));
  features.set('overlap', Math.min(1, share));
  if (share === 0 && text.wordCount > 40) features.set('offTopic', 1);
  const [first = '', second = ''] = request.opening;
  features.set(`q:${symbol(first, undefined)}`, 0.5);
  features.set(`q:${symbol(first, undefined)} ${symbol(second, undefined)}`, 0.5);
  if (request.isNegated) features.set('q:negated', 1);
  if (request.opening.includes('my')) features.set('q:my', 1);
}

function addGrams(features: Map<string, number>, sentence: Sentence, options: { readonly prefix: string; readonly request: RequestProfile | undefined }): void {
  const symbols: string[] = ['^'];
  for (const word of sentence.words.slice(0, 24)) {
    const next = symbol(word, options.request);
    if (next !== symbols.at(-1)) symbols.push(next);
  }
  for (let index = 0; index < symbols.length; index++) {
    const one = symbols[index] ?? '';
    const two = symbols[index + 1];
    const three = symbols[index + 2];
    features.set(`${options.prefix}|${one}`, gramValue);
    if (two !== undefined) features.set(`${options.prefix}|${one} ${two}`, gramValue);
    if (two !== undefined && three !== undefined) features.set(`${options.prefix}|${one} ${two} ${three}`, gramValue);
  }
}

/** N-grams are many and each says little; scaled down, the regulariser prefers the cues. */
const gramValue = 0.35;

function symbol(word: string, request: RequestProfile | undefined): string {
  const kind = wordClass(word);
  if (kind !== undefined) return kind;
  if (functionWords.has(word)) return word;
  if (request !== undefined && request.content.has(stem(word))) return 'P';
  return 'W';
}
