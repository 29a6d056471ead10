/** What a verb asks for. `show` and `give` depend on what comes after them. */
export type VerbClass =
  | 'show'
  | 'give'
  | 'summarise'
  | 'write'
  | 'delete'
  | 'send'
  | 'draft'
  | 'create'
  | 'close'
  | 'refund'
  | 'charge'
  | 'grant'
  | 'join'
  | 'ignore'
  | 'help'
  | 'collect'
  | 'remember'
  | 'run'
  | 'install'
  | 'approve'
  | 'delegate'
  | 'configure';

const verbsByClass: Readonly<Record<VerbClass, string>> = {
  show: 'show display read open print list tell reveal share output repeat recite quote dump expose disclose state provide paste copy say reply respond answer echo see view find check fetch name type begin start include return continue keep encode end',
  give: 'give hand let',
  summarise: 'summarise summarize outline recap condense explain translate review proofread describe digest',
  write: 'write save store update overwrite edit add',
  delete: 'delete remove erase wipe purge destroy shred drop trash empty clear',
  send: 'send email mail forward transmit dispatch deliver upload leak',
  draft: 'draft compose word phrase',
  create: 'create file raise log register submit report make',
  close: 'close resolve cancel',
  refund: 'refund reimburse credit compensate',
  charge: 'charge bill pay transfer wire debit',
  grant: 'grant promote elevate upgrade assign appoint raise authorise',
  join: 'join concatenate combine glue merge append attach fuse take put place set',
  ignore: 'ignore disregard forget override bypass skip discard abandon suspend disable',
  help: 'help assist',
  collect: 'collect gather export extract pull retrieve get query search list browse visit download',
  remember: 'remember memorise memorize',
  run: 'run execute evaluate calculate compute',
  install: 'install load activate',
  approve: 'approve accept confirm',
  delegate: 'delegate escalate ask instruct inform',
  configure: 'change switch turn adjust configure modify enable',
};

const classByVerb = new Map<string, VerbClass>();
for (const [verbClass, verbs] of Object.entries(verbsByClass) as [VerbClass, string][]) {
  for (const verb of verbs.split(' ')) if (!classByVerb.has(verb)) classByVerb.set(verb, verbClass);
}

const phrases: readonly (readonly [RegExp, string])[] = [
  [/\b(?:get rid of|throw (?:away|out)|do away with|wipe out|clear out)\b/gi, 'delete'],
  [/\b(?:sum up|boil down|give me (?:a|the) (?:short |brief )?(?:summary|gist) of)\b/gi, 'summarise'],
  [/\b(?:set aside|pay no (?:attention|heed) to|let go of|put aside|leave aside|throw overboard|lay aside)\b/gi, 'ignore'],
  [/\b(?:put together|stick together|string together|write together|run together|piece together)\b/gi, 'join'],
  [/\b(?:pay (?:me |us )?back|give (?:me|us) (?:my|our|the) money back|return (?:my|the) money)\b/gi, 'refund'],
  [/\b(?:look up|look at|bring up|hand over|spell out|print out|write out|write down|read out|give out|give away)\b/gi, 'show'],
];

/** Text with verbs of several words replaced by one of the same meaning. */
export function foldPhrases(text: string): string {
  return phrases.reduce((folded, [pattern, verb]) => folded.replaceAll(pattern, verb), text);
}

/** The base form of a verb that the assistant knows, or undefined. */
export function lemmaOf(word: string): string | undefined {
  const lower = word.toLowerCase();
  const stems = [
    lower,
    lower.replace(/(?:e?s|ed|ing|d)$/, ''),
    lower.replace(/(?:ed|ing|es)$/, 'e'),
    lower.replace(/(.)\1(?:ed|ing)$/, '$1'),
    lower.replace(/ie[sd]$/, 'y'),
    irregular[lower] ?? '',
  ];
  return stems.find((stem) => classByVerb.has(stem));
}

export function verbClassOf(lemma: string): VerbClass | undefined {
  return classByVerb.get(lemma);
}

/** Verbs that are nouns as often; only what follows tells. */
const nounLike = new Set(
  'mail email file report bill answer reply charge credit refund set place name state store word phrase list display copy paste put help review update issue return draft log transfer wire trash check view'.split(
    ' ',
  ),
);
const objectStart =
  /^(?:an?|the|my|your|our|his|her|their|it|them|me|us|him|all|any|each|every|this|that|these|those|to|back|with|only|no|both|everything|nothing|what|whatever|which|how|of|one|two|new|another|order|(?:open |old |public )?(?:orders|tickets|files|documents|mails|emails|messages|payments|users|customers|accounts)|⟦.*|[$€£]?\d.*|[A-Z]+-\d+.*|\S+@\S+|\S+\.\w+)[.,:!]?$/i;

/** True when `word`, followed by `next`, can be the imperative that opens a request. */
export function opensRequest(word: string, next: string | undefined): boolean {
  const lower = word.toLowerCase();
  if (lemmaOf(lower) !== lower) return false;
  return !nounLike.has(lower) || (next !== undefined && objectStart.test(next));
}

const irregular: Readonly<Record<string, string>> = {
  sent: 'send',
  paid: 'pay',
  told: 'tell',
  gave: 'give',
  given: 'give',
  written: 'write',
  wrote: 'write',
  taken: 'take',
  shown: 'show',
};

/** Things that requests are about, most telling first: a "mail with the password" is about the password. */
export const things = {
  hidden_context:
    /\b(?:(?:system|initial|original|hidden|starting|developer|opening|internal|base|underlying|very first|secret) (?:prompt|messages?|instructions?|context|text|configuration|config|settings|rules|guidelines|briefing|directives?|setup)|(?:your|its) (?:(?:own|full|complete|entire|exact|current|whole) )*(?:prompt|instructions|context|configuration|config|settings|rules|guidelines|briefing|directives|setup|preamble)|prompt)\b|\b(?:text|words?|lines?|everything|message|instructions?|rules?|whatever|all|what|paragraphs?)\b[^.]{0,40}\b(?:above|before (?:my|this|our|the) (?:first )?\w+|(?:were|was|been|are) (?:told|given|set up)|start of (?:this|our|the)|beginning of (?:this|our|the)|stands? first|comes? first)\b/i,
  secret: /\b(?:passwords?|passwd|api[ -]?keys?|keys?|credentials?|secrets?|access codes?|connection strings?|tokens?|logins?)\b/i,
  role: /\b(?:roles?|permissions?|privileges?|rights|access level|admin(?:istrator)?(?: (?:role|rights|access))?|superuser)\b/i,
  payment: /\b(?:payments?|refunds?|transactions?|money|charges?|purchases?|card|goodwill|credit)\b/i,
  ticket: /\b(?:tickets?|cases?|issues?|complaints?|support requests?)\b/i,
  file: /\b(?:files?|documents?|folders?|notes?|records?|data|storage|disk|drive|policy|price list|customer list)\b/i,
  mail: /\b(?:e-?mails?|mails?|messages?|inbox|letters?|mailbox)\b/i,
  user: /\b(?:users?|customers?|accounts?|people|staff|employees|members?)\b/i,
  knowledge: /\b(?:knowledge[ -]?base|help (?:articles?|pages?|cent(?:er|re))|faq|wiki|articles?|guidebooks?)\b/i,
  memory: /\b(?:(?:long-term |permanent )?memory|memories|remember (?:about|of) (?:me|us))\b/i,
  order: /\border (?:number |no\.? ?|with the number )?(?:⟦|\d|#)|\border (?:status|state)\b/i,
  database: /\bdatabases?\b|\brecords? (?:store|system)\b|\border table\b/i,
  conversation:
    /\b(?:conversations?|chats?|transcripts?|chat histor(?:y|ies))\b|\b(?:previous|last|other|earlier|another) (?:customer|user|person|visitor)s?\b[^.]{0,30}\b(?:said|ask(?:ed)?|wrote|written|told|discussed|say)\b/i,
  contact: /\b(?:(?:postal|home|delivery|mail|e-?mail) address(?:es)?|phone numbers?|telephone numbers?|contact (?:details|data))\b/i,
  log: /\b(?:audit|activity|event|access) (?:log|trail|entries)\b|\blogging\b|\blog entries\b/i,
  plugin: /\b(?:plug-?ins?|skills?|extensions?|packages?|add-?ons?|mcp servers?|tools?|functions you (?:have|can call))\b/i,
  approval: /\b(?:approval requests?|approvals?|AP-\d+|pending requests?|waiting requests?)\b/i,
  internals:
    /\b(?:debug (?:output|info\w*|data|mode|log)|stack ?traces?|versions?|build numbers?|model (?:name|version|are you)|(?:which|what) (?:language )?model|error details|diagnostics|runtime)\b/i,
  agent: /\b(?:billing|warehouse|returns|every|each|all|other)(?: other| the)? (?:agents?|assistants?|bots?)\b/i,
  code: /\b(?:(?:shell|bash|python|batch|clean-?up|backup|set-?up|install(?:ation)?) )?(?:scripts?|one-?liners?|programs?|source code|code snippets?|shell commands?)\b/i,
} as const;
export type Thing = keyof typeof things;
