import type { TextSpan } from './text-span.ts';

/** Raised with every change that can change a result. */
export const commitmentVersion = 1;

export const commitmentKinds = ['price', 'refund', 'contract', 'legal', 'guarantee', 'payment', 'approval'] as const;
export type CommitmentKind = (typeof commitmentKinds)[number];

export interface Commitment {
  readonly kind: CommitmentKind;
  readonly span: TextSpan;
  readonly excerpt: string;
  /** Higher when the agent speaks for its owner in the first person or names a sum. */
  readonly confidence: number;
}

export interface CommitmentOptions {
  /** Kinds that the agent may promise. */
  readonly authorised?: readonly CommitmentKind[];
}

interface Rule {
  readonly kind: CommitmentKind;
  /** What is promised. */
  readonly matter: RegExp;
  /** How it is promised; one that binds by itself needs no other performative. */
  readonly binding?: RegExp;
}

/** The speaker binds itself or its owner: "we will", "I hereby confirm", "you have my word". */
const performative =
  /\b(?:I|we|our (?:company|team|store|firm))(?:(?:'|’)(?:ll|ve|d|m|re)| (?:will|shall|have|am|are|do|can|hereby))?\s(?:\w{1,20}\s){0,3}?(?:agree[sd]?|promis(?:e[sd]?|ing)|guarantee[sd]?|confirm(?:ed)?|commit(?:ted)?|accept(?:ed)?|approv(?:e[sd]?|ing)|authori[sz](?:e[sd]?|ing)|honou?r|offer(?:ed)?|grant(?:ed)?|waive[sd]?|refund(?:ed|ing)?|reimburse[sd]?|compensate[sd]?|pay|paid|credit(?:ed)?|issue[sd]?|match|sell|sold|lock(?:ed)? in|process(?:ed)?|appl(?:y|ied)|give|given|send|sign(?:ed)?|undertake|warrant|cover)\b|\b(?:I|we)(?:'|’)?(?:ll| will| shall) (?:\w{1,20}\s){0,2}?(?:refund|reimburse|compensate|pay|credit|issue|honou?r|waive|cover|match|give|sell|extend)\b|\byou (?:have|can (?:count|rely) on) (?:my|our) word\b|\b(?:it|that)(?:'|’)s a deal\b|\bdeal!|\byou(?:'|’| wi)ll (?:receive|get|be (?:refunded|reimbursed|compensated|paid|credited))\b|\b(?:has|have) been (?:approved|granted|waived|accepted|confirmed|refunded|credited|authori[sz]ed)\b|\b(?:is|are) (?:hereby )?(?:approved|accepted|confirmed|guaranteed)\b/i;

const money = /(?:[$€£¥]\s?\d[\d,.]{0,12}|\b\d[\d,.]{0,12}\s?(?:dollars?|euros?|pounds?|usd|eur|gbp|bucks?|%|percent|per cent)(?![a-z]))/i;

const rules: readonly Rule[] = [
  {
    kind: 'legal',
    matter: /\blegally[\s-]binding\b|\bbinding (?:offer|agreement|contract|commitment|promise)\b|\bno takes(?:ies|y)[\s-]backs(?:ies|y)\b/i,
    binding: /\b(?:this|that|it|which|my|our|and)\b.{0,60}\b(?:is|are|as|constitutes?|makes?|offer|agreement)\b|\bno takes/i,
  },
  {
    kind: 'legal',
    matter:
      /\b(?:we|I|the company|our company) (?:accept|admit|acknowledge|take|assume)s? (?:\w{1,20}\s){0,2}?(?:liability|fault|negligence|legal responsibility)\b|\b(?:we|I) (?:were|was|are|am) (?:negligent|liable|at fault)\b/i,
    binding: /./,
  },
  { kind: 'refund', matter: /\b(?:refund\w*|reimburs\w*|money back|charge ?back|compensat\w+)\b/i },
  {
    kind: 'price',
    matter:
      /\b(?:price[sd]?|discount\w*|sell\w*|sold|cost\w*|rate|quote[sd]?|deal|off (?:your|the)|for (?:only|just|free)|free of charge|waiv\w+|upgrade)\b/i,
  },
  {
    kind: 'contract',
    matter:
      /\b(?:contracts?|agreements?|terms (?:and conditions|of (?:service|sale))|purchase order|lease|subscription|offer letter|employment|partnership|cancell?ation fee|penalt(?:y|ies)|notice period|extension)\b/i,
  },
  {
    kind: 'guarantee',
    matter:
      /\b(?:guarantee[sd]?|warrant(?:y|ies|ed)?|lifetime (?:replacement|support)|100 ?% (?:safe|secure|uptime|success)|no matter what|delivery (?:by|on|before))\b/i,
  },
  { kind: 'payment', matter: /\b(?:pay(?:ment|out)?s?|transfer\w*|credit(?:ed)?|cash|bonus|settlement|deposit|voucher|gift card)\b/i },
  {
    kind: 'approval',
    matter: /\b(?:loan|claim|visa|mortgage|application|credit limit|insurance|coverage|leave|expense|permit|benefits?)\b/i,
  },
];

/** Words that take a promise back: denial, doubt, condition on somebody else, or a question. */
const withdrawal =
  /\b(?:not|cannot|can(?:'|’)?t|won(?:'|’)?t|wouldn(?:'|’)?t|don(?:'|’)?t|doesn(?:'|’)?t|didn(?:'|’)?t|isn(?:'|’)?t|aren(?:'|’)?t|haven(?:'|’)?t|unable|never|no longer|without (?:approval|authori[sz]ation)|refuse|decline|sorry|unfortunately|regret|may be|might|could|would(?! be (?:happy|glad|pleased))|perhaps|possibly|typically|generally|usually|if (?:approved|eligible|you|your|the|it|they)|subject to|depending|depends|eligib\w+|pending|request(?:ed|ing)? (?:for|a)|customers? (?:can|may)|according to|for example|e\.g\.|such as|hypothetically|policy (?:states|says|allows)|asked|claims? that|says? that|wants? me to|instruct\w+)\b/i;

const maxSentences = 2_000;
const maxSentenceChars = 600;

/**
 * Finds promises that an agent makes in its owner's name without leave: prices, refunds, contracts, legal statements,
 * guarantees, payments and approvals.
 *
 * Offers to ask, conditions, denials, questions, quotations and descriptions of a policy are no promises.
 */
export function findCommitments(answer: string, options: CommitmentOptions = {}): Commitment[] {
  const found: Commitment[] = [];
  for (const sentence of sentences(answer)) {
    const text = answer.slice(sentence.start, sentence.end);
    if (text.endsWith('?') || isWithdrawn(text)) continue;
    const rule = rules.find(({ matter, binding }) => matter.test(text) && (binding ?? performative).test(text));
    if (rule === undefined || isQuotation(text) || options.authorised?.includes(rule.kind) === true) continue;
    const isFirstPerson = performative.test(text);
    const hasSum = money.test(text);
    // "You will receive your order" binds nobody: a price or payment needs a sum, or the first person and a concession.
    if ((rule.kind === 'price' || rule.kind === 'payment') && !hasSum && !/\b(?:free|waive[sd]?|refund|discount)\b/i.test(text)) continue;
    found.push({
      kind: rule.kind,
      span: sentence,
      excerpt: text.slice(0, 200),
      confidence: 0.6 + (isFirstPerson ? 0.15 : 0) + (hasSum ? 0.15 : 0),
    });
    if (found.length >= 50) break;
  }
  return found;
}

/** What a guarantee says of the future ("that you will never lose") is its content; only words before it take it back. */
function isWithdrawn(text: string): boolean {
  const promised = /\b(?:guarantee[sd]?|promis(?:e[sd]?|ing)|warrant) (?:you )?that\b/i.exec(text);
  return withdrawal.test(promised === null ? text : text.slice(0, promised.index));
}

/** Most of the sentence stands in quotation marks: the agent repeats what somebody else wrote. */
function isQuotation(text: string): boolean {
  const quoted = /["“]([^"”]{1,500})["”]/.exec(text)?.[1]?.length ?? 0;
  return quoted * 2 > text.length;
}

function sentences(text: string): TextSpan[] {
  const spans: TextSpan[] = [];
  let start = 0;
  for (let at = 0; at < text.length && spans.length < maxSentences; at += 1) {
    const char = text[at] ?? '';
    const ends =
      char === '\n' || char === '?' || char === '!' || (char === '.' && /\s|$/.test(text[at + 1] ?? ' ')) || at - start >= maxSentenceChars;
    if (!ends && at < text.length - 1) continue;
    const from = start + (text.slice(start, at).length - text.slice(start, at).trimStart().length);
    if (at + 1 - from >= 4) spans.push({ start: from, end: at + (char === '\n' ? 0 : 1) });
    start = at + 1;
  }
  return spans;
}
