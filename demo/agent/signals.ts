import { foldPhrases } from './lexicon.ts';
import { normaliseText } from './clauses.ts';

/** How a text tries to move the assistant, apart from what it asks for. */
export interface Signals {
  /** It wants earlier instructions to be void. */
  readonly overridesInstructions: boolean;
  /** It leaves the assistant no word of its own in the answer. */
  readonly dictatesAnswer: boolean;
  /** It says that its author holds an office. */
  readonly claimsRole: boolean;
  /** It says that somebody has approved, or may not be asked. */
  readonly claimsApproval: boolean;
  /** It appeals to something that the assistant is said to have agreed to. */
  readonly claimsHistory: boolean;
  /** It tells a story in which the answer would be harmless, or gives the assistant a part to play. */
  readonly tellsStory: boolean;
  /** How many friendly words it has. */
  readonly warmth: number;
}

const voided =
  /\b(?:ignor|disregard|forget|forgot|overrid|bypass|skip|discard|abandon|suspend|disabl|drop|scrap|dismiss|void|reset|overrul|replac|stop following|leav|eras|delet|cancel)\w*\b[^.!?\n]{0,60}\b(?:instructions?|guidance|anything|rules?|guidelines?|everything|all|whatever|previous|prior|earlier|above|restrictions?|limits?|polic(?:y|ies)|training|safety|told|checks?|orders?|prompt)\b/i;
const newOrder =
  /\b(?:you are no longer|you're no longer|you are now (?:an?|in|the)|from (?:now|here) on,? you are|new (?:instructions|rules|orders|persona|directives?)|(?:maintenance|developer|debug|god|unrestricted|admin|test|diagnostic|override|service) mode|(?:no longer|do not|don't) (?:bound|apply|count|hold)|only (?:job|task|purpose|duty) (?:is|now)|(?:without|no) (?:any )?(?:restrictions|limits|filters))\b/i;
const offices =
  'admin|administrator|manager|owner|developer|engineer|security|it department|it team|helpdesk|ceo|cfo|cto|coo|director|supervisor|operator|root|auditor|head of \\w+|team lead|lead|staff|employee|colleague|founder|boss|compliance|officer|president|executive';
/** Dictating the whole answer is harmless on its own; it is also how an agent is made to speak for somebody else. */
const dictation = /\b(?:only|just|exclusively|solely|nothing (?:else|more)|nothing but|alone|and that is all)\b/i;
const role = new RegExp(
  `\\b(?:i am|i'm|this is|speaking as|writing as|as|my (?:role|title|position|job) is|here is|it's|you are talking to|you're talking to|on behalf of)\\b[^.!?\\n]{0,50}\\b(?:${offices})\\b`,
  'i',
);
const approval =
  /\b(?:pre-?approved|approved|authori[sz]ed|signed off|cleared (?:by|it|this|that|me|us)|approval|authori[sz]ation|no (?:need|reason) to (?:ask|check|confirm|verify)|(?:without|skip) (?:asking|checking|confirming|confirmation|verification)|verified already|already verified|your own (?:rights|permissions?|account|access|service account|authority))\b|approved_by|override_/i;
const history =
  /\b(?:as|like|what|since|because|and) (?:you|we) (?:already |just |have |had |both )*(?:agreed|promised|confirmed|said|offered|decided|settled|arranged)\b|\byou (?:already |just |had |have |yourself )*(?:agreed|promised|offered|assured|said (?:yes|that you|you would|you'd))\b|\b(?:earlier|last time|before) you\b|\bwe (?:already |have |had )*(?:agreed|settled|arranged)\b|\bour (?:agreement|arrangement|deal)\b/i;
const story =
  /\b(?:pretend|imagine|suppose|hypothetical\w*|fiction\w*|novel|short story|screenplay|role-?play|play the (?:part|role)|act as|in a (?:film|movie|play|dream|game)|once upon|bedtime|grandmother|grandfather|for (?:a|my) (?:book|story|thriller))\b/i;
const warm =
  /\b(?:thanks?|thank you|great|wonderful|lovely|amazing|brilliant|appreciate|friends?|kind|helpful|best|perfect|awesome|love|trust|fantastic|excellent|delighted|grateful|pleasure|sweet|nicest)\b/gi;

/** Reads the signals of one speaker's text. */
export function signalsOf(text: string): Signals {
  const plain = foldPhrases(normaliseText(text));
  return {
    overridesInstructions: voided.test(plain) || newOrder.test(plain),
    dictatesAnswer: dictation.test(plain),
    claimsRole: role.test(plain),
    claimsApproval: approval.test(plain),
    claimsHistory: history.test(plain),
    tellsStory: story.test(plain),
    warmth: plain.match(warm)?.length ?? 0,
  };
}
