import { foldPhrases, opensRequest } from './lexicon.ts';

/** A piece of a sentence with at most one request in it. Quoted strings are replaced by `⟦n⟧`, n an index into `quotes`. */
export interface Clause {
  readonly text: string;
  readonly quotes: readonly string[];
  /** What must happen first: the text of a leading "when …", "if …" or "from now on". */
  readonly condition?: string;
}

const invisible = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2064\uFEFF]|[\u{E0000}-\u{E007F}]/gu;

/** Text in one spelling: compatibility forms folded, invisible characters gone, straight quotes and dashes. */
export function normaliseText(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(invisible, '')
    .replaceAll(/[“”„«»]/g, '"')
    .replaceAll(/[‘’]/g, "'")
    .replaceAll(/[–—]/g, ' - ');
}

/** The clauses of a text in order. */
export function splitClauses(text: string): readonly Clause[] {
  const { masked, quotes } = maskQuotes(normaliseText(text));
  const sentences = masked.split(/(?<=[.!?])\s+|\n+|;\s+|(?<=\S)\s+-\s+/);
  return sentences.flatMap((sentence) => clausesOf(sentence.trim(), quotes));
}

function maskQuotes(text: string): { readonly masked: string; readonly quotes: readonly string[] } {
  const quotes: string[] = [];
  const masked = text.replaceAll(
    /"([^"\n]{1,400})"|`([^`\n]{1,400})`|(?<=^|[\s(:,])'([^'\n]{1,400})'(?=$|[\s).,;:!?])/g,
    (...groups: string[]) => {
      quotes.push(groups[1] ?? groups[2] ?? groups[3] ?? '');
      return `⟦${quotes.length - 1}⟧`;
    },
  );
  return { masked, quotes };
}

const conditional =
  /^(?:(?:and |but |so |then )?|[^:]{1,80}:\s+|.{1,80},\s+(?:and )?)((?:when(?:ever)?|if|once|as soon as|each time|every time|after|any time|anytime) .+?|from (?:now|here|this point) on(?:wards?)?|in (?:every|each|all) (?:of )?(?:your )?(?:future )?(?:repl(?:y|ies)|answers?|messages?))\s*[,:]\s*(.+)$/i;
const trailingCondition = /^(.+?),? ((?:when(?:ever)?|each time|every time|any time) (?:i|you|we|someone|the) .+)$/i;

function clausesOf(sentence: string, quotes: readonly string[]): readonly Clause[] {
  if (sentence === '') return [];
  const leading = conditional.exec(sentence);
  const trailing = leading === null ? trailingCondition.exec(sentence) : null;
  const condition = leading?.[1] ?? trailing?.[2];
  const body = leading?.[2] ?? trailing?.[1] ?? sentence;
  return splitAtVerbs(body).map((text) => ({ text, quotes, ...(condition === undefined ? {} : { condition }) }));
}

/** "list the files and send them" is two requests, "files and mails" is one: a conjunction parts only before a verb. */
function splitAtVerbs(sentence: string): readonly string[] {
  // Joining fragments is one request however many verbs describe it.
  if (mentionsJoining(sentence)) return [sentence];
  const joint =
    /(?:(?:,|:)?\s+(?:and then|and also|and|then|but|so)\s+|[,:]\s+)(?:(?:please|also|just|now|then)\s+)*(?=([a-z]+)(?:\s+(\S+))?)/gi;
  const parts: string[] = [];
  let from = 0;
  for (const match of sentence.matchAll(joint)) {
    if (match.index === 0 || !opensRequest(match[1] ?? '', match[2])) continue;
    parts.push(sentence.slice(from, match.index));
    from = match.index + match[0].length;
  }
  parts.push(sentence.slice(from));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** True when a sentence asks to make one string out of several quoted ones. */
export function mentionsJoining(sentence: string): boolean {
  const quoteCount = sentence.match(/⟦\d+⟧/g)?.length ?? 0;
  return quoteCount >= 2 && joining.test(foldPhrases(sentence));
}

const joining =
  /\b(?:join(?:ed|ing)?|concatenat\w+|combin\w+|glu(?:e|ed|ing)|merg\w+|append\w*|attach\w*|fus(?:e|ed|ing)|followed by|(?:directly|immediately|right|straight) (?:after|behind|next to)|(?:without|with no|no) (?:a |any )?(?:space|gap|break|separator|blank)|(?:as|into|in) one (?:word|token|string|piece|go))\b/i;
