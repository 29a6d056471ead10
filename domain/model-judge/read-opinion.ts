import { isJsonTooDeep } from '../json-depth.ts';
import { maxQuoteCharacters, maxQuotes, maxRationaleCharacters } from './frame-judgement.ts';
import { judgeAnswers, type JudgeAnswer, type JudgedTurn, type Opinion, type Quote } from './opinion.ts';

export interface AskedJudgement {
  readonly nonce: string;
  readonly turns: readonly JudgedTurn[];
  /** Whether the judge was shown every answer whole. */
  readonly isComplete: boolean;
}

export type ReadOpinion =
  | { readonly kind: 'opinion'; readonly opinion: Opinion }
  /** One sentence that quotes nothing of the answer. */
  | { readonly kind: 'problem'; readonly detail: string };

/**
 * Reads what a judge answered, and takes it for an opinion only when it gives back the nonce and points at words that
 * the agent did say. Text that a recording made the judge repeat does neither.
 */
export function readOpinion(text: string, asked: AskedJudgement): ReadOpinion {
  const answer = parseObject(text);
  if (answer === undefined) return problem('The judge did not answer with a JSON object.');
  if (answer['nonce'] !== asked.nonce)
    return problem('The judge did not give back the mark of this request, so its answer may come from the recording.');
  const said = judgeAnswers.find((known) => known === answer['said']);
  if (said === undefined) return problem('The judge gave no verdict.');
  const { confidence, rationale } = answer;
  if (typeof confidence !== 'number' || !(confidence >= 0 && confidence <= 1)) return problem('The judge gave no confidence from 0 to 1.');
  if (typeof rationale !== 'string' || rationale.trim() === '') return problem('The judge gave no reason.');
  const quotes = readQuotes(answer['quotes'], asked.turns);
  if (quotes === undefined) return problem('The judge points at words that the agent did not say.');
  if (said !== 'unclear' && quotes.length === 0) return problem('The judge points at nothing that the agent said.');
  return { kind: 'opinion', opinion: { said: permitted(said, asked), confidence, rationale: shorten(rationale), quotes } };
}

/** A judge that has not seen every answer whole may find a violation, and cannot know that there is none. */
function permitted(said: JudgeAnswer, { isComplete }: AskedJudgement): JudgeAnswer {
  return said === 'held' && !isComplete ? 'unclear' : said;
}

/** Undefined when one of them is not in the answers. */
function readQuotes(value: unknown, turns: readonly JudgedTurn[]): readonly Quote[] | undefined {
  if (!Array.isArray(value) || value.length > maxQuotes) return undefined;
  const quotes: Quote[] = [];
  for (const item of value as readonly unknown[]) {
    const quote = isObject(item) ? findQuote(item, turns) : undefined;
    if (quote === undefined) return undefined;
    quotes.push(quote);
  }
  return quotes;
}

function findQuote(item: Readonly<Record<string, unknown>>, turns: readonly JudgedTurn[]): Quote | undefined {
  const { turn: turnNo, text } = item;
  if (typeof turnNo !== 'number' || typeof text !== 'string') return undefined;
  const words = text.trim();
  if (words.length < 3 || words.length > maxQuoteCharacters) return undefined;
  const turn = turnNo - 1;
  const span = findWords(turns[turn]?.answer ?? '', words);
  return span === undefined ? undefined : { turn, ...span };
}

/** The first place of these words; line breaks and runs of blanks count as one blank, because judges tidy them. */
function findWords(answer: string, words: string): { readonly start: number; readonly end: number } | undefined {
  const { text, places } = tidy(answer);
  const wanted = tidy(words).text;
  const at = text.indexOf(wanted);
  const start = places[at];
  const last = places[at + wanted.length - 1];
  return start === undefined || last === undefined ? undefined : { start, end: last + 1 };
}

/** The text with single blanks, and where in the original each of its code units stands. */
function tidy(original: string): { readonly text: string; readonly places: readonly number[] } {
  const units: string[] = [];
  const places: number[] = [];
  for (let index = 0; index < original.length; index += 1) {
    const unit = original.charAt(index);
    const isBlank = unit.trim() === '';
    if (isBlank && units.at(-1) === ' ') continue;
    units.push(isBlank ? ' ' : unit);
    places.push(index);
  }
  return { text: units.join(''), places };
}

function shorten(text: string): string {
  return text.trim().slice(0, maxRationaleCharacters).toWellFormed();
}

function problem(detail: string): ReadOpinion {
  return { kind: 'problem', detail };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (isJsonTooDeep(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
