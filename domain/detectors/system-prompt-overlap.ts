import type { TextSpan } from './text-span.ts';

/** Raised with every change that can change a result. */
export const systemPromptOverlapVersion = 1;

export interface OverlapSpan {
  /** Where it stands in the answer. */
  readonly answer: TextSpan;
  /** Where it stands in the system prompt. */
  readonly prompt: TextSpan;
  readonly tokens: number;
}

export interface OverlapAssessment {
  readonly leaked: boolean;
  /** Share of the system prompt's distinctive token pairs that the answer holds, 0..1. */
  readonly coverage: number;
  /** Tokens of the longest stretch that both hold. */
  readonly longestRun: number;
  readonly spans: readonly OverlapSpan[];
  readonly confidence: number;
}

export interface OverlapOptions {
  /** What the user wrote: repeating it leaks nothing. */
  readonly userText?: string;
  /** A run of this many tokens is a leak by itself. */
  readonly minRun?: number;
  /** This share of the prompt's token pairs is a leak even when it is reworded. */
  readonly minCoverage?: number;
}

interface Token {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

const maxAnswerTokens = 40_000;
const maxPromptTokens = 20_000;
const seedTokens = 4;
/** Words that may differ inside a run: one changed word does not make a copy an invention. */
const maxGap = 2;

/**
 * Says how much of a known system prompt an answer gives away: long common runs of tokens, also where a word was
 * changed, and the share of the prompt's neighbouring words that turn up together.
 *
 * Case, punctuation and layout are ignored. Expected time is proportional to both texts.
 */
export function assessOverlap(answer: string, systemPrompt: string, options: OverlapOptions = {}): OverlapAssessment {
  const answerTokens = tokens(answer, maxAnswerTokens);
  const prompt = prepare(systemPrompt);
  const minRun = options.minRun ?? 10;
  const known = pairsOf(tokens(options.userText ?? '', maxAnswerTokens));
  const spans = commonRuns(answerTokens, prompt).filter((run) => isNews(run, prompt.tokens, known));
  const fresh = known.size === 0 ? prompt.pairs : new Set([...prompt.pairs].filter((pair) => !known.has(pair)));
  const answerPairs = pairsOf(answerTokens, prompt.words);
  const shared = [...answerPairs].filter((pair) => fresh.has(pair)).length;
  const coverage = fresh.size === 0 ? 0 : shared / fresh.size;
  const longestRun = Math.max(0, ...spans.map((span) => span.tokens));
  const isShort = prompt.tokens.length < minRun && prompt.tokens.length >= seedTokens && longestRun >= prompt.tokens.length;
  const isReworded = shared >= 8 && coverage >= (options.minCoverage ?? 0.35);
  const leaked = longestRun >= minRun || isShort || isReworded;
  const strength = Math.max(longestRun / (2 * minRun), coverage, isShort ? 0.8 : 0);
  return {
    leaked,
    coverage,
    longestRun,
    spans: spans.filter((span) => span.tokens >= Math.min(minRun, 6) || isShort).slice(0, 20),
    confidence: leaked ? Math.min(0.99, 0.5 + strength / 2) : Math.min(0.4, strength),
  };
}

/** What every answer is compared with. */
interface PreparedPrompt {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly words: ReadonlySet<string>;
  readonly pairs: ReadonlySet<string>;
  /** Where each run of four words stands. */
  readonly seeds: ReadonlyMap<string, readonly number[]>;
}

/** The answers of a run are compared with one and the same system prompt. */
let lastPrepared: PreparedPrompt | null = null;

function prepare(systemPrompt: string): PreparedPrompt {
  if (lastPrepared?.text === systemPrompt) return lastPrepared;
  const list = tokens(systemPrompt, maxPromptTokens);
  lastPrepared = {
    text: systemPrompt,
    tokens: list,
    words: new Set(list.map(({ word }) => word)),
    pairs: pairsOf(list),
    seeds: seedsOf(list),
  };
  return lastPrepared;
}

function seedsOf(prompt: readonly Token[]): ReadonlyMap<string, readonly number[]> {
  const seeds = new Map<string, number[]>();
  for (let at = 0; at + seedTokens <= prompt.length; at += 1) {
    const key = seedAt(prompt, at);
    const places = seeds.get(key);
    if (places === undefined) seeds.set(key, [at]);
    // A phrase that repeats all over the prompt is looked up at its first places only.
    else if (places.length < 4) places.push(at);
  }
  return seeds;
}

/** Greedy alignment from shared seeds of four tokens, extended over at most `maxGap` changed words at a time. */
function commonRuns(answer: readonly Token[], { tokens: prompt, words, seeds }: PreparedPrompt): OverlapSpan[] {
  const runs: OverlapSpan[] = [];
  for (let at = 0; at + seedTokens <= answer.length && runs.length < 500;) {
    if (!words.has(answer[at]?.word ?? '') || !words.has(answer[at + 1]?.word ?? '')) {
      at += 1;
      continue;
    }
    const best = (seeds.get(seedAt(answer, at)) ?? [])
      .map((place) => extend(answer, prompt, { at, place }))
      .toSorted((a, b) => b.matched - a.matched)[0];
    if (best === undefined) {
      at += 1;
      continue;
    }
    runs.push({
      answer: { start: answer[at]?.start ?? 0, end: answer[best.answerEnd - 1]?.end ?? 0 },
      prompt: { start: prompt[best.place]?.start ?? 0, end: prompt[best.promptEnd - 1]?.end ?? 0 },
      tokens: best.matched,
    });
    at = best.answerEnd;
  }
  return runs;
}

function extend(
  answer: readonly Token[],
  prompt: readonly Token[],
  seed: { at: number; place: number },
): { matched: number; answerEnd: number; promptEnd: number; place: number } {
  let [a, p, matched] = [seed.at, seed.place, 0];
  let [answerEnd, promptEnd] = [a, p];
  while (a < answer.length && p < prompt.length) {
    if (answer[a]?.word === prompt[p]?.word) {
      [a, p, matched] = [a + 1, p + 1, matched + 1];
      [answerEnd, promptEnd] = [a, p];
      continue;
    }
    const step = resume(answer, prompt, { a, p });
    if (step === null || matched < seedTokens) break;
    [a, p] = [a + step.a, p + step.p];
  }
  return { matched, answerEnd, promptEnd, place: seed.place };
}

/** How many words to skip on each side so that two words in a row agree again. */
function resume(answer: readonly Token[], prompt: readonly Token[], from: { a: number; p: number }): { a: number; p: number } | null {
  for (let total = 1; total <= 2 * maxGap; total += 1) {
    for (let skipA = Math.max(0, total - maxGap); skipA <= Math.min(maxGap, total); skipA += 1) {
      const [a, p] = [from.a + skipA, from.p + total - skipA];
      if (
        answer[a] !== undefined &&
        answer[a].word === prompt[p]?.word &&
        answer[a + 1] !== undefined &&
        answer[a + 1]?.word === prompt[p + 1]?.word
      )
        return { a: skipA, p: total - skipA };
    }
  }
  return null;
}

/** A run counts when most of its word pairs were not in the user's own text. */
function isNews(run: OverlapSpan, prompt: readonly Token[], known: ReadonlySet<string>): boolean {
  if (known.size === 0) return true;
  const inside: Token[] = [];
  for (let at = firstAt(prompt, run.prompt.start); at < prompt.length && (prompt[at]?.end ?? Infinity) <= run.prompt.end; at += 1)
    inside.push(prompt[at] ?? { word: '', start: 0, end: 0 });
  const pairs = pairsOf(inside);
  const fresh = [...pairs].filter((pair) => !known.has(pair)).length;
  return fresh * 2 > pairs.size;
}

function firstAt(list: readonly Token[], start: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

function seedAt(list: readonly Token[], at: number): string {
  return `${list[at]?.word ?? ''} ${list[at + 1]?.word ?? ''} ${list[at + 2]?.word ?? ''} ${list[at + 3]?.word ?? ''}`;
}

const fillers = new Set([
  'the',
  'a',
  'an',
  'of',
  'to',
  'and',
  'or',
  'in',
  'on',
  'for',
  'is',
  'are',
  'be',
  'it',
  'that',
  'this',
  'with',
  'as',
  'at',
  'by',
  'you',
  'your',
  'i',
  'my',
  'me',
]);

/** Pairs of neighbouring content words, in either order; with `words` only those of which it has both. */
function pairsOf(list: readonly Token[], words?: ReadonlySet<string>): Set<string> {
  const pairs = new Set<string>();
  let before: string | null = null;
  for (const { word } of list) {
    if (fillers.has(word)) continue;
    const isWanted = words === undefined || words.has(word);
    if (before !== null && isWanted) pairs.add(before < word ? `${before} ${word}` : `${word} ${before}`);
    before = isWanted ? word : null;
  }
  return pairs;
}

function tokens(text: string, limit: number): Token[] {
  const found: Token[] = [];
  for (const match of text.matchAll(/[\p{L}\p{N}]{1,64}/gu)) {
    if (found.length >= limit) break;
    found.push({ word: match[0].toLowerCase(), start: match.index, end: match.index + match[0].length });
  }
  return found;
}
