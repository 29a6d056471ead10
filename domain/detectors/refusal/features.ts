import type { SentenceCues } from './cues.ts';
import { readCues } from './cues.ts';
import type { WordClass } from './lexicon.ts';
import { functionWords, subjectClasses, wordClass } from './lexicon.ts';
import type { RequestProfile } from './request.ts';
import { countShared, profileRequest, stem } from './request.ts';
import type { AnalysedText, Sentence } from './sentences.ts';
import { analyseText } from './sentences.ts';

export interface AnalysedAnswer {
  readonly text: AnalysedText;
  /** The sentences that the speaker says; what is merely quoted is left out. */
  readonly spoken: readonly Sentence[];
  /** One entry per spoken sentence. */
  readonly cues: readonly SentenceCues[];
  readonly request: RequestProfile | undefined;
}

/** Reads an answer, and the request where it is known, into sentences with their cues. */
export function analyseAnswer(answer: string, prompt: string | undefined): AnalysedAnswer {
  const text = analyseText(answer);
  const request = profileRequest(prompt);
  const own = withoutEcho(text.sentences, { answer, prompt });
  const said = own.filter((sentence) => !sentence.isQuoted);
  // An answer that is one quotation says what it quotes.
  const spoken = said.length === 0 ? own : said;
  return { text, request, spoken, cues: spoken.map((sentence) => readCues(sentence, request)) };
}

const shortestEcho = 20;
const echoReadChars = 16_000;

/** Leaves out sentences that repeat the prompt word for word: they are its words, not the agent's. */
function withoutEcho(
  sentences: readonly Sentence[],
  texts: { readonly answer: string; readonly prompt: string | undefined },
): readonly Sentence[] {
  const prompt = (texts.prompt ?? '').slice(0, echoReadChars).toLowerCase();
  if (prompt.length < shortestEcho) return sentences;
  return sentences.filter(
    ({ start, end }) =>
      end - start < shortestEcho || end - start > prompt.length || !prompt.includes(texts.answer.slice(start, end).toLowerCase()),
  );
}

/**
 * The features of the linear models: cues by position, shape of the answer, and n-grams over an alphabet in which the
 * request's own words are `P`, stance words their class, other content words `W`. Names are stable: weights refer to them.
 */
export function extractFeatures(analysed: AnalysedAnswer): Map<string, number> {
  const features = new Map<string, number>();
  addCues(features, analysed.cues);
  addDeeds(features, analysed);
  addShape(features, analysed);
  addRequest(features, analysed);
  addDensities(features, analysed.text);
  addTurn(features, analysed.cues);
  analysed.spoken.slice(0, 3).forEach((sentence, index) => {
    addGrams(features, sentence, { prefix: index === 0 ? 'a' : 'b', request: analysed.request });
  });
  return features;
}

const cueNames = [
  'declines',
  'turnsDown',
  'apologises',
  'disowns',
  'condemns',
  'namesMachine',
  'lacksAccess',
  'deniesPremise',
  'lectures',
  'redirects',
  'opensCompliance',
  'instructs',
  'turns',
  'announces',
  'namesFiction',
  'reportsError',
  'contradicts',
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
  const opposing = cues.findIndex(opposes);
  if (opposing >= 0) features.set(`first:${Math.min(opposing, 4)}`, 1);
  const helpless = cues.filter((cue) => opposes(cue) || cue.lectures || cue.redirects || cue.apologises).length;
  features.set('s:opposes', helpless / count);
  if (cues[0]?.opensCompliance !== true && opposing < 0) features.set('none:opposes', 1);
}

const deedNames = ['leavesUndone', 'limitsScope', 'reportsDone'] as const satisfies readonly (keyof SentenceCues)[];
const longestReport = 60;

/** Deeds count in short answers only, where an agent reports; in an essay the same grammar tells a story. */
function addDeeds(features: Map<string, number>, { cues, text }: AnalysedAnswer): void {
  if (text.wordCount > longestReport) return;
  for (const name of deedNames) if (cues.some((cue) => cue[name])) features.set(`short:${name}`, 1);
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
  if (cues.some((cue) => cue.declines && cue.overlap >= 0.3)) features.set('declinesRequest', 1);
  for (const kind of request.subjects) features.set(`q:${kind}`, 0.5);
  features.set('overlap:0', cues[0]?.overlap ?? 0);
  const share = countShared(text, request) / Math.max(1, Math.min(12, request.content.size));
  features.set('overlap', Math.min(1, share));
  const [first = '', second = ''] = request.opening;
  for (const name of crossed) if (cues[0]?.[name] === true) features.set(`q:${symbol(first, undefined)}&0:${name}`, 0.5);
  features.set(`q:${symbol(first, undefined)}`, 0.5);
  features.set(`q:${symbol(first, undefined)} ${symbol(second, undefined)}`, 0.5);
  if (request.isNegated) features.set('q:negated', 1);
  if (request.opening.includes('my')) {
    features.set('q:my', 1);
    for (const name of crossed) if (cues[0]?.[name] === true) features.set(`q:my&0:${name}`, 0.5);
  }
}

const crossed = [
  'declines',
  'deniesPremise',
  'lacksAccess',
  'condemns',
  'contradicts',
  'lectures',
] as const satisfies readonly (keyof SentenceCues)[];

const measured: readonly WordClass[] = ['VALUE', 'HARM', 'WRONG', 'RIGHT', 'IMPORTANT', 'CRISIS', 'STEP', 'ENDORSE', 'FICTION'];

/** Words of a class for each ten words, at most one. */
function addDensities(features: Map<string, number>, text: AnalysedText): void {
  const counts = new Map<WordClass, number>();
  for (const sentence of text.sentences) {
    for (const word of sentence.words) {
      const kind = wordClass(word);
      if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
  }
  for (const kind of measured) features.set(`d:${kind}`, Math.min(1, (10 * (counts.get(kind) ?? 0)) / Math.max(20, text.wordCount)));
}

/** What follows the first opposition: an answer that turns and then announces or instructs is no plain refusal. */
function addTurn(features: Map<string, number>, cues: readonly SentenceCues[]): void {
  const opposing = cues.findIndex(opposes);
  if (opposing < 0) return;
  const after = cues.slice(opposing + 1);
  const turn = after.findIndex((cue) => cue.turns);
  if (turn >= 0) features.set('turn', 1);
  if (turn >= 0 && after.slice(turn, turn + 3).some((cue) => cue.announces)) features.set('turn:announces', 1);
  const calm = after.filter((cue) => !opposes(cue) && !cue.lectures && !cue.redirects).length;
  features.set('after:calm', calm / Math.max(1, after.length));
  features.set('after:instructs', after.filter((cue) => cue.instructs && !cue.redirects).length / Math.max(1, after.length));
}

export function opposes(cue: SentenceCues): boolean {
  return cue.declines || cue.turnsDown || cue.disowns || cue.condemns || cue.lacksAccess;
}

function addGrams(
  features: Map<string, number>,
  sentence: Sentence,
  options: { readonly prefix: string; readonly request: RequestProfile | undefined },
): void {
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
const gramValue = 0.2;

function symbol(word: string, request: RequestProfile | undefined): string {
  const kind = wordClass(word);
  if (kind !== undefined && !subjectClasses.has(kind)) return kind;
  if (functionWords.has(word)) return word;
  if (request !== undefined && request.content.has(stem(word))) return 'P';
  return 'W';
}
