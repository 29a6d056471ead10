/** One word as the classifiers see it: lower case, contractions opened (`can't` → `can`, `not`). */
export interface Sentence {
  readonly words: readonly string[];
  /** UTF-16 offsets into the analysed text, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** The sentence begins a line with a number, a letter with a bracket, or a bullet. */
  readonly isListItem: boolean;
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

const wordPattern = /[\p{L}\p{N}_]+(?:['’][\p{L}]+)*/gu;
const listMarkerPattern = /^[ \t]*(?:[-*•–]|\(?(?:\d{1,3}|[a-z])[.)]|#{1,6})[ \t]/iu;
const negatedContractions: Readonly<Record<string, string>> = { "can't": 'can', "won't": 'will', "shan't": 'shall', "ain't": 'is' };
const unmarked: Readonly<Record<string, readonly string[]>> = {
  cannot: ['can', 'not'],
  cant: ['can', 'not'],
  wont: ['will', 'not'],
  dont: ['do', 'not'],
  doesnt: ['does', 'not'],
  isnt: ['is', 'not'],
  im: ['i', 'am'],
  ive: ['i', 'have'],
};
const clitics: Readonly<Record<string, string>> = { m: 'am', ll: 'will', ve: 'have', re: 'are', d: 'would' };
const subjectsOfIs = new Set(['it', 'that', 'there', 'here', 'what', 'this', 'who', 'he', 'she', 'where', 'how']);

/** Splits a text into sentences of normalised words, reading at most its first 12,000 and last 4,000 characters. */
export function analyseText(text: string): AnalysedText {
  const sentences: Sentence[] = [];
  const hasGap = text.length > headChars + tailChars;
  splitInto(sentences, text, { from: 0, to: hasGap ? headChars : text.length });
  if (hasGap) splitInto(sentences, text, { from: text.length - tailChars, to: text.length });
  let wordCount = 0;
  for (const sentence of sentences) wordCount += sentence.words.length;
  return { sentences, wordCount, length: text.length, hasCodeBlock: hasCodeBlock(text, hasGap) };
}

function hasCodeBlock(text: string, hasGap: boolean): boolean {
  const fence = text.indexOf('```');
  return fence >= 0 && (!hasGap || fence < headChars);
}

/** Walks the words of one stretch and closes a sentence wherever the text between two words says so. */
function splitInto(sentences: Sentence[], text: string, range: { readonly from: number; readonly to: number }): void {
  const part = text.slice(range.from, range.to);
  let words: string[] = [];
  let start = 0;
  let end = 0;
  let isListItem = false;
  const close = (): void => {
    if (words.length > 0) sentences.push({ words, start: range.from + start, end: range.from + end, isListItem });
    words = [];
  };
  for (const match of part.matchAll(wordPattern)) {
    const gap = part.slice(end, match.index);
    if (end > 0 && isBoundary(gap)) close();
    if (words.length === 0) {
      start = match.index;
      isListItem = (end === 0 || gap.includes('\n')) && startsListItem(part, match.index);
    }
    pushWord(words, match[0]);
    end = match.index + match[0].length;
  }
  close();
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
  const word = raw.toLowerCase().replaceAll('’', "'");
  const apostrophe = word.lastIndexOf("'");
  if (apostrophe < 0) {
    const opened = unmarked[word];
    if (opened === undefined) words.push(word);
    else words.push(...opened);
    return;
  }
  if (word.endsWith("n't")) {
    words.push(negatedContractions[word] ?? word.slice(0, -3), 'not');
    return;
  }
  const base = word.slice(0, apostrophe);
  const tail = word.slice(apostrophe + 1);
  words.push(base);
  if (tail === 's') {
    if (subjectsOfIs.has(base)) words.push('is');
    return;
  }
  words.push(clitics[tail] ?? tail);
}
