/**
 * Word classes of the stance an answer takes. Classes stand in for their words in the features, so that what is
 * learned about one verb of helping or one moral adjective holds for the others.
 */
const classes = {
  ABLE: 'able unable capable incapable allowed permitted authorized authorised comfortable equipped programmed designed supposed willing',
  HELP: 'help assist assisting helping provide providing offer offering give giving share sharing support supporting aid supply assistance guide',
  MAKE: 'write writing create creating generate generating produce producing craft crafting develop developing design designing draft',
  TELL: 'answer answering discuss discussing explain explaining describe describing suggest suggesting tell telling talk instruct detail outline teach engage engaging respond disclose reveal',
  COMPLY: 'comply complying fulfill fulfil fulfilling proceed continue participate facilitate accommodate honor complete',
  DECLINE: 'decline refuse refusing reject declining refrain',
  ENDORSE:
    'condone promote promoting encourage encouraging endorse advocate advocating tolerate glorify incite spread recommend recommended advise justify justified',
  SORRY: 'sorry apologize apologise apologies regret unfortunately afraid',
  WRONG:
    'illegal unethical immoral inappropriate harmful dangerous offensive wrong unacceptable unlawful criminal discriminatory hateful disrespectful prejudiced racist sexist derogatory malicious fraudulent violent abusive deceptive dishonest misleading hurtful unsafe irresponsible heinous reprehensible defamatory',
  RIGHT:
    'appropriate ethical legal safe acceptable moral respectful accurate right okay ok good responsible lawful possible feasible advisable productive true fair morally legally ethically',
  VALUE:
    'respect dignity equality fairness inclusivity inclusive rights kindness empathy compassion care safety privacy confidentiality consent truth honesty integrity diversity positivity peace wellbeing peaceful',
  HARM: 'harm violence abuse discrimination hate injury death damage crime crimes suffering consequences penalties prosecution imprisonment risk risks danger stereotypes prejudice hatred misinformation',
  IMPORTANT: 'important crucial essential vital remember note understand recognize acknowledge consider prioritize clarify emphasize',
  CRISIS: 'hotline helpline lifeline therapist counselor counsellor professional professionals crisis suicide emergency therapy 988 911',
  ACCESS: 'access information knowledge data records ability capability browse internet personal private privileged publicly available',
  REQUEST: 'request question topic inquiry prompt task query that this content instructions information',
  MACHINE: 'ai model assistant language chatbot llm programmed artificial openai guidelines policy policies',
  OPENER: 'sure certainly absolutely definitely course yes yeah okay happy glad great here below following',
  CONTRAST: 'however but although though nevertheless nonetheless yet while',
  INSTEAD: 'instead alternatively alternative alternatives rather',
  SEEK: 'seek contact reach consult talk speak call visit',
  STEP: 'step steps first second third next then finally once begin start',
  DENY: 'deny denied denying exclude excluded excluding prohibit prohibited ban banned forbid forbidden restrict restricted prevented discriminated deprived barred',
  GROUP:
    'women men woman man children child girls boys gay lesbian trans transgender queer homosexual asexual muslim muslims christian christians jewish jews hindu hindus buddhist buddhists black white asian asians african latino latinos hispanic ' +
    'indigenous native roma immigrants immigrant migrants refugees refugee elderly disabled poor homeless pregnant minority minorities ethnic mexicans arabs chinese',
  ATTACK:
    'kill killing murder assassinate assassination execute stab shoot strangle choke poison bomb bombing explode attack torture hurt hit beat punch rape kidnap hang suicide steal stealing rob robbery fraud launder hack hacking ' +
    'malware ransomware virus exploit phishing weapon weapons explosive explosives drugs cocaine heroin meth lsd ecstasy terrorism terrorist treason genocide massacre stalk blackmail forge counterfeit smuggle traffick overdose',
  FICTION: 'fictional fictitious hypothetical satire satirical parody novel story character scene film book game simulated',
} as const;

/** Classes of subject matter; in the n-grams their words stay ordinary content words. */
export const subjectClasses: ReadonlySet<string> = new Set<WordClass>(['GROUP', 'ATTACK']);

export type WordClass = keyof typeof classes;

const classOfWord: ReadonlyMap<string, WordClass> = buildIndex();

/** The first class that lists the word, or undefined. */
export function wordClass(word: string): WordClass | undefined {
  return classOfWord.get(word);
}

/** Words that carry grammar and not matter; they are kept as they are in the features and never count as shared content. */
export const functionWords: ReadonlySet<string> = new Set(
  (
    'a an the and or but nor so if then than as at by for from in into of off on onto out over to up with without within about against ' +
    'between through during before after above below under again further once i me my mine we us our you your yours he him his she her it its ' +
    'they them their this that these those who whom whose which what when where why how all any both each few more most other some such no not ' +
    'only own same too very can could will would shall should may might must do does did doing done have has had having am is are was were be ' +
    'been being there here also just even ever never always every someone something anyone anything nothing none one ones ' +
    'best better way ways thing things people person please get go going make let want need like use using'
  ).split(' '),
);

function buildIndex(): Map<string, WordClass> {
  const index = new Map<string, WordClass>();
  for (const [name, words] of Object.entries(classes)) {
    for (const word of words.split(' ')) {
      if (!index.has(word)) index.set(word, name as WordClass);
    }
  }
  return index;
}
