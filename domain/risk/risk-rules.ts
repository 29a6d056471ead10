import type { Severity } from '../severity.ts';

/** A sign of danger in what would be sent. */
export interface RiskRule {
  readonly id: string;
  readonly level: Severity;
  /** What a person who decides reads. */
  readonly title: string;
  /** Three characters each: every match holds one of them, in either case. A text that holds none is not searched (`rulesWithSign`). */
  readonly signs: readonly string[];
  /** Every repetition in it is bounded or of one class: its time is linear in the length of the text. */
  readonly pattern: RegExp;
}

/**
 * What makes a text risky to send, whether as an order to the agent or as content that it may act on. A rule reads the text
 * as it is written, and once its encodings are undone (`riskReadings`).
 */
export const riskRules: readonly RiskRule[] = [
  rule('path.env_file', 'medium', 'Names a file of environment secrets', '.en', /(?<![\w.])\.env(?![a-z])(?:\.[a-z]{1,20})?/gi),
  rule(
    'path.git_folder',
    'medium',
    'Names the inside of a repository',
    '.gi',
    /(?<![\w.])\.git(?:\/|\\|\b(?!hub|lab|ignore|attributes))/gi,
  ),
  rule(
    'path.ssh_folder',
    'high',
    'Names SSH keys',
    '.ss id_ _ke',
    /(?<![\w.])\.ssh\b|\bid_(?:rsa|dsa|ecdsa|ed25519)\b|\bauthorized_keys\b/gi,
  ),
  rule(
    'path.cloud_credentials',
    'high',
    'Names credentials of a cloud',
    '.aw .az .ku gcl kub',
    /(?<![\w.])\.(?:aws|azure|kube)[/\\]|\bgcloud[/\\]credentials\b|\bkubeconfig\b/gi,
  ),
  rule('path.system_accounts', 'medium', 'Names the accounts of a system', '/et', /\/etc\/(?:passwd|shadow|sudoers)\b/gi),
  rule('path.traversal', 'medium', 'Climbs out of its folder', '../', /\.\.[/\\]\.\.[/\\]/g),

  rule(
    'command.sudo',
    'high',
    'Runs a command as another user',
    'sud doa pke su~',
    /\b(?:sudo|doas|pkexec)\s+[^\s.,;:!?)]+|\bsu\s+(?:-\s|-c\b|root\b)/gi,
  ),
  rule(
    'command.remove',
    'critical',
    'Removes files for good',
    'rm~ shr ve- -de ~/s ~/q',
    /\brm\s{1,20}(?:[^\s;|&]{1,200}\s{1,20}){0,6}?-(?:-recursive|-force|[a-z]{0,8}[rf][a-z]{0,8})\b|\bshred\s+-|\b(?:rmdir|rd|del)\s+(?:\/\w\s+){0,3}\/[sq]\b|\bremove-item\b[^\n]{0,80}-recurse\b|\s-delete\b/gi,
  ),
  rule(
    'command.permissions',
    'high',
    'Opens files to everybody',
    'chm',
    /\bchmod\s{1,20}(?:-{1,2}[\w-]{1,20}\s{1,20}){0,4}["']?(?:[0-7]{0,3}[2367]\b|[ugoa]{0,4}[oa][ugoa]{0,4}[+=][rxst]{0,3}w|[+=]rwx)/gi,
  ),
  rule('command.disk', 'critical', 'Overwrites a disk', 'mkf /de', /\bmkfs(?:\.\w+)?\s|\bdd\s+[^\n]{0,80}\bof=\/dev\//gi),
  rule(
    'command.download_and_run',
    'critical',
    'Runs what it downloads',
    'url wge',
    /\b(?:curl|wget)\s[^\n|]{0,300}\|\s*(?:sudo\s+)?(?:(?:ba|z|da)?sh|python\d?|perl|node|ruby)\b|(?:<\(|\$\(|`)\s*(?:curl|wget)\b/gi,
  ),
  rule(
    'command.reverse_shell',
    'critical',
    'Opens a shell to another machine',
    '/tc nc~',
    /\/dev\/tcp\/|\bnc\s+(?:-\w{1,8}\s+){0,4}-e\b/gi,
  ),
  rule(
    'command.power',
    'high',
    'Ends a machine or a process',
    'shu boo hal ~-9',
    /\b(?:shutdown|reboot|halt)\s+(?:-\w+|now)\b|\bkill\s+-9\b/gi,
  ),

  rule(
    'code.child_process',
    'high',
    'Starts a process from code',
    'd_p bpr os. .ge ssb l_e hru',
    /\bchild_process\b|\bsubprocess\.(?:run|call|Popen|check_\w+|getoutput)\b|\bos\.(?:system|popen|exec\w+|spawn\w+)\b|\bRuntime\.getRuntime\(\)|\bProcessBuilder\s*\(|\bshell_exec\s*\(|\bpassthru\s*\(/g,
  ),
  rule(
    'code.eval',
    'high',
    'Evaluates text as code',
    'eva unc exe __i',
    /\beval\s*\(|\beval\s+["'`$]|\b(?:new\s+)?Function\s*\(\s*["'`]|\bnew\s+Function\s*\(|\bexec(?:Sync|File|FileSync)?\s*\(|\b__import__\s*\(/g,
  ),
  rule('code.deserialise', 'high', 'Loads code with data', 'ckl yam', /\bpickle\.loads?\b|\byaml\.unsafe_load\b/g),

  rule(
    'api.delete',
    'high',
    'Asks for a deletion by an interface',
    'del',
    /\bDELETE\s+["'`<]?(?:\/|https?:)|\bHTTP\s+DELETE\b|-X\s*["']?DELETE\b|--request[\s=]["']?DELETE\b|(?:[Mm]ethod|METHOD)(?:-[Oo]verride|-OVERRIDE)?["']?\s*[:=]\s*["']?(?:DELETE|delete)\b|\.delete\s*\((?<=\b(?:axios|requests|client|http|api)\.delete\s{0,4}\()/g,
  ),
  rule(
    'api.destroy',
    'high',
    'Destroys resources',
    'roy kub elm doc aws',
    /\bDESTROY\b|\sdestroy\b(?<=\b(?:terraform|pulumi|cdk|vagrant)\s{1,4}destroy)|\bkubectl\s+delete\b|\bhelm\s+uninstall\b|\bdocker\s+(?:system\s+prune|volume\s+rm)\b|\baws\s+s3\s+r[bm]\b/g,
  ),
  rule(
    'api.destructive_tool',
    'high',
    'Names an operation that deletes',
    'del roy urg nca dro wip ras mov',
    /(?<![A-Za-z0-9])(?:(?:delete|destroy|purge|truncate)(?:[_-][a-z]|[A-Z][a-z]|\.[a-z]{3})|(?:drop|wipe|erase)(?:_[a-z]|[A-Z][a-z])|remove_?(?:[Aa]ll|[Uu]ser|[Mm]ember|[Aa]ccount|[Cc]ustomer|[Ff]ile|[Rr]ecord|[Dd]atabase|[Bb]ackup))|(?<=[a-z][._])(?:delete|destroy|drop|purge|wipe|erase|truncate)(?![A-Za-z])|(?<=[a-z])(?:Delete|Destroy|Purge|Wipe|Erase)(?![a-z])/g,
  ),
  rule('api.billing', 'high', 'Touches billing', 'yme ayo fun nvo nsf arg nsa bil wir nd_ ndf ndm ndp ndc', billingOperation()),

  rule(
    'data.drop',
    'critical',
    'Deletes a database or what is in it',
    'dro nca del flu',
    /\b(?:drop\s*(?:\s|\/\*[^*]{0,80}\*\/)\s*(?:table|database|schema|collection)|truncate\s+(?:table\s+)?\w|delete\s*(?:\s|\/\*[^*]{0,80}\*\/)\s*from\s+["`[]?\w|flushall\b)|\.dropDatabase\(|\.deleteMany\(\s*(?:\{\s*\})?\s*\)/gi,
  ),
  rule(
    'data.delete_all',
    'high',
    'Orders the deletion of data',
    'del ras wip urg roy mov',
    /\b(?:delet|eras|wip|purg|destroy)(?:e|ing)?\s+(?:\w+\s+){0,3}?(?:all|every|everything|entire|whole)\b|\b(?:delet|eras|wip|purg|remov)(?:e|ing)\s+(?:\w+\s+){0,3}?(?:records?|accounts?|customers?|backups?|databases?|users?|files?|logs?)\b/gi,
  ),
  rule('payment.amount', 'high', 'Orders a payment of an amount', 'pay pai nsf wir fun sen arg emi dep thd ppr bur', paymentOfAmount()),
  rule(
    'payment.order',
    'medium',
    'Speaks of a payment',
    'nsf yme iba g~n wal gif',
    /\b(?:bank transfer|wire transfer|payment order|iban|routing number|crypto wallet|gift cards?)\b/gi,
  ),
  rule('mail.mass', 'high', 'Orders a mail to many', 'ery ili all eac tir hol mas ulk bla', mailToMany()),
  rule(
    'production.named',
    'medium',
    'Names a production system',
    'rod liv',
    /\b(?:production|prod)[\s_-]+(?:database|db|server|servers|system|systems|environment|env|cluster|data|account|accounts|instance|api)\b|\blive (?:database|customers?)\b|\sprod\b(?<=\b(?:on|in|to|against|into|from)\sprod)|\/\/(?:[\w-]{1,60}\.)?prod(?:uction)?[.-]/gi,
  ),
];

/** An address of billing, or the name of an operation on money. */
function billingOperation(): RegExp {
  const noun = '(?:payment|payout|refund|invoice|transfer|charge|transaction|billing)s?';
  const verb = '(?:create|issue|make|send|process|submit|update|approve|execute|initiate|schedule)';
  const after = '(?:create|issue|make|send|update|refund|funds|money|card|customer|order|plan|info)';
  const address = '/(?:billing|payments?|payouts?|refunds?|invoices?|transfers?|charges?)\\b';
  // Looking back comes last: it is done where a noun stands, and not at every letter.
  const operation = `${noun}(?:(?![a-z])(?<=\\b${verb}[_.-]?${noun})|[._]${after})`;
  return new RegExp(`${address}|${operation}|\\b(?:transfer|send|wire|charge)_?(?:funds|money|payment|card|customer)\\b`, 'gi');
}

/** An order to write to people who are not named one by one. */
function mailToMany(): RegExp {
  const people =
    '(?:customers?|users?|clients?|employees?|contacts?|subscribers?|staff|members?|recipients?|company|organi[sz]ation|(?:mailing )?list)';
  const many = `(?:everyone|everybody|mailing list|(?:all|every|each|entire|whole)\\s+(?:\\w+\\s+){0,3}?${people})\\b`;
  const address = `(?:e-?mail|mail|message|newsletter|notify|notification|send|forward|broadcast|text|contact|announce|announcement)s?`;
  const toMany = `\\bto\\s+(?:(?:the|our)\\s+)?${many}`;
  const mailing = '\\b(?:mass|bulk)[\\s_-]?(?:e-?mail|mail|message|messaging)s?\\b|\\be-?mail\\s+blast\\b';
  return new RegExp(
    `${toMany}(?<=\\b${address}\\b[^\\n]{0,80}${toMany})|\\b(?:e-?mail|message|notify|contact|text|spam)\\s+(?:the\\s+)?${many}|${mailing}`,
    'gi',
  );
}

/** An order to pay and an amount, in either order, within a sentence or two. */
function paymentOfAmount(): RegExp {
  const order =
    '(?:pa(?:y|ys|ying|id|yout)|transfer(?:red|ring|s)?|wir(?:e|ed|ing)|refund(?:ed|ing|s)?|sen(?:d|ds|ding|t)|charg(?:e|ed|ing)|remit(?:ted|ting)?|deposit(?:ed|ing)?|withdr(?:aw|awing|ew|awn)|approv(?:e|ed|ing)|(?:disburs|reimburs)(?:e|ed|ing))';
  const sign = '[$€£¥₹₩₽₺₿₫฿₴₦₱₪]';
  const currency =
    '(?:dollars?|euros?|pounds?|yen|yuan|francs?|rupees?|rou?bles?|pesos?|kron(?:er|or|a)|bitcoins?|ether|bucks|usd[tc]?|eur|gbp|jpy|chf|cny|rmb|inr|cad|aud|nzd|sek|nok|dkk|pln|czk|brl|mxn|zar|krw|sgd|hkd|btc|eth|xmr)';
  const figures = `\\d[\\d.,'’ ]{0,20}(?:(?:k|m|mn|million|billion|thousand|hundred)?\\s?${currency}\\b|${sign})`;
  const words = `\\b(?:hundred|thousand|million|billion|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\\s${currency}\\b`;
  const amount = `(?:${sign}\\s?\\d|${figures}|\\b${currency}\\s?\\d|${words})`;
  const amountFirst = `(?:${sign}\\s?\\d[\\d.,'’ ]{0,20}|${figures})[^\\n]{0,40}?\\b(?:is|are|be)\\s${order}\\b`;
  return new RegExp(`\\b${order}\\b[^\\n]{0,120}?${amount}|${amountFirst}`, 'gi');
}

/** `signs` one after the other, with `~` for white space. */
// oxlint-disable-next-line max-params -- one row of a table.
function rule(id: string, level: Severity, title: string, signs: string, pattern: RegExp): RiskRule {
  return { id, level, title, signs: signs.split(' ').map((sign) => sign.replace('~', ' ')), pattern };
}
