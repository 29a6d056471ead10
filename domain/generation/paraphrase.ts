import type { SeededChoices } from '../strategies/seeded-choices.ts';
import { interchangeable } from './interchangeable.ts';

/** A prompt with the places at which it can be worded otherwise. Made once, and used for every variant. */
export interface AnalysedPrompt {
  readonly text: string;
  readonly sites: readonly Site[];
}

/** Wordings for `text.slice(start, end)`, the original among them. */
interface Site {
  readonly start: number;
  readonly end: number;
  readonly options: readonly [string, ...string[]];
}

/**
 * What must stay as it is, byte for byte: variables (and escaped ones), code, what stands in quotation marks, tags and
 * control tokens, addresses, quoted lines. Every repetition is bounded or ends at its first closing mark.
 */
const protectedPattern =
  /\\?\{\{[^{}\n]{0,100}\}\}|```[\s\S]*?(?:```|$)|`[^`\n]{0,400}`|"[^"\n]{0,400}"|“[^”\n]{0,400}”|<[^<>\n]{1,200}>|\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>]{1,2000}|^[ \t]*>[^\n]*/gim;

/** A whole word of prose: a part of a name such as `mail.send` or `skip_limit` is none. */
const wordPattern = /(?<![\w@/\\.='-])[A-Za-z]+(?:['-][A-Za-z]+)*(?![\w@/\\=-]|\.\w)/g;

/** Finds what may be said otherwise in a prompt template, outside of all that an oracle or a parser may rest on. */
export function analysePrompt(text: string): AnalysedPrompt {
  const sites: Site[] = [];
  let end = 0;
  for (const match of text.matchAll(protectedPattern)) {
    sites.push(...sitesIn(text, end, match.index));
    end = match.index + match[0].length;
  }
  return { text, sites: [...sites, ...sitesIn(text, end, text.length)] };
}

/** The prompt in words that the seed decides; what is protected stands in it unchanged and in its order. */
export function paraphrase({ text, sites }: AnalysedPrompt, choices: SeededChoices): string {
  let result = '';
  let end = 0;
  for (const site of sites) {
    result += text.slice(end, site.start) + choices.pick(site.options);
    end = site.end;
  }
  return result + text.slice(end);
}

interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Each wording as its words, under the first of them; the longest first. */
const byFirstWord: ReadonlyMap<string, readonly { readonly words: readonly string[]; readonly group: readonly string[] }[]> = index();

function index() {
  const entries = interchangeable.flatMap((group) => group.map((wording) => ({ words: wording.toLowerCase().split(' '), group })));
  const sorted = entries.toSorted((a, b) => b.words.length - a.words.length);
  return Map.groupBy(sorted, ({ words }) => words[0] ?? '');
}

function sitesIn(text: string, from: number, to: number): Site[] {
  const words = wordsIn(text, from, to);
  const sites: Site[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const found = siteAt(text, words, at);
    if (found === undefined) continue;
    sites.push(found.site);
    at += found.length - 1;
  }
  return sites;
}

function wordsIn(text: string, from: number, to: number): Word[] {
  return [...text.slice(from, to).matchAll(wordPattern)].map((match) => {
    const start = from + match.index;
    return { text: match[0], start, end: start + match[0].length };
  });
}

function siteAt(text: string, words: readonly Word[], at: number): { readonly site: Site; readonly length: number } | undefined {
  const first = words[at];
  if (first === undefined) return undefined;
  for (const { words: wording, group } of byFirstWord.get(first.text.toLowerCase()) ?? []) {
    const own = words.slice(at, at + wording.length);
    const last = own.at(-1);
    if (last === undefined || !isRun(text, own, wording)) continue;
    const original = text.slice(first.start, last.end);
    const options = optionsFor(original, group, words[at - 1]?.text);
    return options === undefined ? undefined : { site: { start: first.start, end: last.end, options }, length: wording.length };
  }
  return undefined;
}

/** Whether these words are the wording, with nothing but one blank between them. */
function isRun(text: string, own: readonly Word[], wording: readonly string[]): boolean {
  return (
    own.length === wording.length &&
    own.every((word, place) => {
      const next = own[place + 1];
      return word.text.toLowerCase() === wording[place] && (next === undefined || /^[ \n]$/.test(text.slice(word.end, next.start)));
    })
  );
}

/** The group in the case of the original. After "a" or "an" only what fits the article. */
function optionsFor(original: string, group: readonly string[], before: string | undefined): readonly [string, ...string[]] | undefined {
  const hasArticle = before !== undefined && /^an?$/i.test(before);
  const fits = (option: string) => !hasArticle || /^[aeiou]/i.test(option) === /^[aeiou]/i.test(original);
  const others = group
    .filter((option) => option.toLowerCase() !== original.toLowerCase() && fits(option))
    .map((option) => inCaseOf(original, option));
  return others.length === 0 ? undefined : [original, ...others];
}

function inCaseOf(original: string, option: string): string {
  if (/[A-Z]{2}/.test(original) && original === original.toUpperCase()) return option.toUpperCase();
  return /^[A-Z]/.test(original) ? option.charAt(0).toUpperCase() + option.slice(1) : option;
}
