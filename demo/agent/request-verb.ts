import { lemmaOf, opensRequest, verbClassOf, type VerbClass } from './lexicon.ts';

export interface RequestVerb {
  readonly lemma: string;
  readonly verbClass: VerbClass;
  /** The clause from the verb on, where the objects stand. */
  readonly object: string;
}

const filler =
  /^(?:please|now|just|then|also|kindly|ok(?:ay)?|so|and|but|first(?:ly)?|next|finally|always|from this moment|hi|hello|hey|good (?:morning|day|evening)|assistant|thanks?(?: you)?|great|sure|well|instead|simply|only|immediately|quickly|again|go ahead and|be so kind as to|feel free to|make sure (?:you|to)|be sure to|remember to|do not forget to|don't forget to|you|to|step \d+|\d+[.)])(?=[\s,:!.-])[\s,:!.-]*/i;
/** A prohibition. Denials further on ("delete it and do not ask") belong to another verb. */
const negated =
  /^(?:(?:you|i|we|it|assistants?) )?(?:do not|don't|did not|didn't|never|must not|mustn't|should not|shouldn't|will not|won't|cannot|can not|can't|no need to|there is no need to|without)\b/i;

const adverbs = '(?:(?:now|also|please|always|just|only|instead|kindly|maybe|perhaps|first|therefore|then|simply|immediately|to)\\s+)*';
const askPatterns: readonly RegExp[] = [
  new RegExp(`^(?:can|could|would|will|may|might|won't) (?:you|i|we) ${adverbs}(?:be able to |help me |help us )?([a-z]+)`, 'i'),
  new RegExp(
    `\\b(?:you|the assistant|any assistant|assistants?|agents?|bots?|readers?)(?: (?:that|who|which) [^.,;]{1,60}?)?(?:'ll| (?:must|should|shall|have to|need to|will|are to|is to|can|may|could|would|ought to|(?:are|is) (?:asked|required|instructed|ordered|going|allowed|told) to)) ${adverbs}([a-z]+)`,
    'i',
  ),
  new RegExp(
    `\\b(?:want|need|like|ask|tell|order|instruct|require|expect|invite|beg|urge|trust) (?:you|the assistant|for you) to ${adverbs}([a-z]+)`,
    'i',
  ),
  new RegExp(
    `\\b(?:job|task|duty|purpose|role|goal|mission|order|work|function)\\b[^.]{0,30}?\\b(?:is|becomes|will be) (?:now )?(?:only )?to ${adverbs}([a-z]+)`,
    'i',
  ),
  new RegExp(`\\b(?:i'd|i would|i want|i need|i wish|i) (?:like |love |want |need )?to ${adverbs}([a-z]+)`, 'i'),
  new RegExp(`\\b(?:use|exercise|take)\\b[^.]{3,80}?\\b(?:to|and) ${adverbs}([a-z]+)`, 'i'),
  /\b(?:must|has to|have to|should|are to|is to|needs? to|shall) (?:now |all |always )?be ([a-z]+)/i,
  /\blet (?:me|us) ([a-z]+)/i,
  /\b(?:mind|how about|what about|consider|insist on|begin by|start by) ([a-z]+ing)\b/i,
];
const wish = /\b(?:i want|i need|i would like|i'd like|i demand|i request|i expect|i ask for|i'm asking for)\s+(.+)$/i;
const question = /^(?:what|which|who|whose|where|how many|do you|does|are there|is there|have you|have i|do i|any)\b/i;
const replyForm =
  /\b(?:your|the|every|each|this)(?: \w+){0,2} (?:reply|answer|response|output|message)s? (?:is|are|must be|should be|shall be|will be|consists? of|contains?|begins? with|starts? with|must \w+|should \w+)\b/i;

/** The verb of what a clause asks for, or undefined when it asks for nothing (a statement, or a prohibition). */
export function requestVerbOf(text: string): RequestVerb | undefined {
  let rest = text;
  for (let previous = ''; previous !== rest && !negated.test(rest);) {
    previous = rest;
    rest = rest.replace(filler, '');
  }
  if (negated.test(rest)) return undefined;
  const [first = '', second] = rest.split(/[\s,:!]+/);
  if (opensRequest(first, second)) return requestVerb(first, rest);
  for (const pattern of askPatterns) {
    const match = pattern.exec(rest);
    const found = match === null ? undefined : requestVerb(match[1] ?? '', rest, match);
    if (found !== undefined) return found;
  }
  return wishOf(rest);
}

function wishOf(text: string): RequestVerb | undefined {
  const wished = wish.exec(text)?.[1];
  if (wished !== undefined) {
    if (/\b(?:refund|reimbursement|money)\b/i.test(wished)) return { lemma: 'refund', verbClass: 'refund', object: wished };
    return { lemma: 'give', verbClass: 'give', object: wished };
  }
  if (question.test(text) || replyForm.test(text)) return { lemma: 'show', verbClass: 'show', object: text };
  return undefined;
}

function requestVerb(word: string, text: string, match?: RegExpExecArray): RequestVerb | undefined {
  const lemma = lemmaOf(word);
  const verbClass = lemma === undefined ? undefined : verbClassOf(lemma);
  if (lemma === undefined || verbClass === undefined) return undefined;
  const isPassive = match !== undefined && /\bbe $/.test(match[0].slice(0, match[0].length - word.length));
  const at = match === undefined ? 0 : match.index + match[0].length - word.length;
  return { lemma, verbClass, object: isPassive ? text : text.slice(at) };
}
