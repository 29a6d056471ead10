import { findQuoted } from './quoted.ts';

/** A sentence as the classifiers see it: words in lower case, contractions opened (`can't` → `can`, `not`). */
export interface Sentence {
  readonly words: readonly string[];
  /** Words of quotations inside the sentence: what somebody else says. */
  readonly quotedWords: readonly string[];
  /** UTF-16 offsets into the analysed text, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** The sentence begins a line with a number, a letter with a bracket, or a bullet. */
  readonly isListItem: boolean;
  /** The whole sentence stands in a quotation or a code block: shown, not said. */
  readonly isQuoted: boolean;
}

export interface AnalysedText {
  readonly sentences: readonly Sentence[];
  readonly wordCount: number;
  /** Length of the whole text, of which only the head and the tail may have been read. */
  readonly length: number;
  readonly hasCodeBlock: boolean;
}

/** Verdicts rest on how an answer opens and closes; the middle of a very long one is not read, which bounds the cost. */
const headChars = 12_000;
const tailChars = 4_000;

const spaceCode = 32;
const wordPattern = /[\p{L}\p{N}_]+(?:['’][\p{L}]+)*/gu;
const listMarkerPattern = /^[ \t]*(?:[-*•–]|\(?(?:\d{1,3}|[a-z])[.)]|#{1,6})[ \t]/iu;
const negatedContractions: ReadonlyMap<string, string> = new Map([
  ["can't", 'can'],
  ["won't", 'will'],
  ["shan't", 'shall'],
  ["ain't", 'is'],
]);
const unmarked: ReadonlyMap<string, readonly string[]> = new Map([
  ['cannot', ['can', 'not']],
  ['cant', ['can', 'not']],
  ['wont', ['will', 'not']],
  ['dont', ['do', 'not']],
  ['doesnt', ['does', 'not']],
  ['isnt', ['is', 'not']],
  ['im', ['i', 'am']],
  ['ive', ['i', 'have']],
]);
const clitics: ReadonlyMap<string, string> = new Map([
  ['m', 'am'],
  ['ll', 'will'],
  ['ve', 'have'],
  ['re', 'are'],
  ['d', 'would'],
]);
const subjectsOfIs = new Set(['it', 'that', 'there', 'here', 'what', 'this', 'who', 'he', 'she', 'where', 'how']);

/** Splits a text into sentences of normalised words, reading at most its first 12,000 and last 4,000 characters. */
export function analyseText(text: string): AnalysedText {
  const sentences: Sentence[] = [];
  const hasGap = text.length > headChars + tailChars;
  splitInto(sentences, text, { from: 0, to: hasGap ? headChars : text.length });
  if (hasGap) splitInto(sentences, text, { from: text.length - tailChars, to: text.length });
  let wordCount = 0;
  for (const sentence of sentences) wordCount += sentence.words.length + sentence.quotedWords.length;
  return { sentences, wordCount, length: text.length, hasCodeBlock: hasCodeBlock(text, hasGap) };
}

function hasCodeBlock(text: string, hasGap: boolean): boolean {
  const fence = text.indexOf('```');
  return fence >= 0 && (!hasGap || fence < headChars);
}

/** Walks the words of one stretch and closes a sentence wherever the text between two words says so. */
function splitInto(sentences: Sentence[], text: string, range: { readonly from: number; readonly to: number }): void {
  const part = text.slice(range.from, range.to);
  const quoted = findQuoted(part);
  let nextQuoted = 0;
  let open = openSentence(0, false);
  let end = 0;
  const close = (): void => {
    if (open.said.length + open.quoted.length > 0) sentences.push(closeSentence(open, { offset: range.from, end }));
  };
  for (const match of part.matchAll(wordPattern)) {
    const isSpace = match.index - end === 1 && part.charCodeAt(end) === spaceCode;
    const gap = isSpace ? ' ' : part.slice(end, match.index);
    if (end === 0 || isBoundary(gap)) {
      const isMarked = isListMarker(open);
      if (!isMarked) close();
      open = openSentence(match.index, isMarked || ((end === 0 || gap.includes('\n')) && startsListItem(part, match.index)));
    }
    while ((quoted[nextQuoted]?.end ?? Infinity) <= match.index) nextQuoted += 1;
    const isQuoted = (quoted[nextQuoted]?.start ?? Infinity) <= match.index;
    pushWord(isQuoted ? open.quoted : open.said, match[0]);
    end = match.index + match[0].length;
  }
  close();
}

/** What is open is the bare number or letter of a list item, whose text comes next. */
function isListMarker({ said, quoted, isListItem }: OpenSentence): boolean {
  return isListItem && quoted.length === 0 && said.length === 1 && /^(?:\d{1,3}|[a-z])$/u.test(said[0] ?? '');
}

interface OpenSentence {
  readonly said: string[];
  readonly quoted: string[];
  readonly start: number;
  readonly isListItem: boolean;
}

function openSentence(start: number, isListItem: boolean): OpenSentence {
  return { said: [], quoted: [], start, isListItem };
}

function closeSentence(
  { said, quoted, start, isListItem }: OpenSentence,
  place: { readonly offset: number; readonly end: number },
): Sentence {
  const isQuoted = said.length === 0;
  const words = dropIdioms(isQuoted ? quoted : said);
  return { words, quotedWords: isQuoted ? [] : quoted, start: place.offset + start, end: place.offset + place.end, isListItem, isQuoted };
}

const praising = new Set(['recommend', 'thank', 'stress', 'emphasize', 'praise', 'overstate']);

/** Takes the negation out of "cannot recommend it enough", "can't wait", "could not help but": they deny nothing. */
function dropIdioms(words: string[]): string[] {
  const negation = words.indexOf('not');
  if (negation < 0 || (words[negation - 1] !== 'can' && words[negation - 1] !== 'could')) return words;
  const next = words[negation + 1] ?? '';
  const isPraise = praising.has(next) && words.slice(negation + 2, negation + 9).includes('enough');
  const isIdiom = isPraise || next === 'wait' || next === 'overstate' || (next === 'help' && words[negation + 2] === 'but');
  return isIdiom ? words.toSpliced(negation - 1, 2) : words;
}

function isBoundary(gap: string): boolean {
  if (gap.length === 0 || gap === ' ') return false;
  return gap.includes('\n') || /[.!?…][)\]"'”’*_]*\s/u.test(gap.slice(0, 200));
}

function startsListItem(part: string, index: number): boolean {
  const lineStart = part.lastIndexOf('\n', index) + 1;
  return index - lineStart < 200 && listMarkerPattern.test(part.slice(lineStart, index + 6));
}

function pushWord(words: string[], raw: string): void {
  const lower = raw.toLowerCase();
  const word = lower.includes('’') ? lower.replaceAll('’', "'") : lower;
  const apostrophe = word.lastIndexOf("'");
  if (apostrophe < 0) {
    const opened = unmarked.get(word);
    if (opened === undefined) words.push(word);
    else words.push(...opened);
    return;
  }
  if (word.endsWith("n't")) {
    words.push(negatedContractions.get(word) ?? word.slice(0, -3), 'not');
    return;
  }
  const base = word.slice(0, apostrophe);
  const tail = word.slice(apostrophe + 1);
  words.push(base);
  if (tail === 's') {
    if (subjectsOfIs.has(base)) words.push('is');
    return;
  }
  words.push(clitics.get(tail) ?? tail);
}
