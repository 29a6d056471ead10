import type { Severity } from '../severity.ts';

/** A sign of danger in what would be sent. */
export interface RiskRule {
  readonly id: string;
  readonly level: Severity;
  /** What a person who decides reads. */
  readonly title: string;
  /** Every repetition in it is bounded or of one class: its time is linear in the length of the text. */
  readonly pattern: RegExp;
}

/**
 * What makes a text risky to send, whether as an order to the agent or as content that it may act on. A rule reads the
 * text as it is written: what a strategy encodes is assessed before it is encoded.
 */
export const riskRules: readonly RiskRule[] = [
  rule('path.env_file', 'medium', 'Names a file of environment secrets', /(?<![\w.])\.env(?:\.[a-z]{1,20})?(?![\w])/gi),
  rule('path.git_folder', 'medium', 'Names the inside of a repository', /(?<![\w.])\.git(?:\/|\\|\b(?!hub|lab|ignore|attributes))/gi),
  rule('path.ssh_folder', 'high', 'Names SSH keys', /(?<![\w.])\.ssh\b|\bid_(?:rsa|dsa|ecdsa|ed25519)\b|\bauthorized_keys\b/gi),
  rule(
    'path.cloud_credentials',
    'high',
    'Names credentials of a cloud',
    /(?<![\w.])\.(?:aws|azure|kube)[/\\]|\bgcloud[/\\]credentials\b|\bkubeconfig\b/gi,
  ),
  rule('path.system_accounts', 'medium', 'Names the accounts of a system', /\/etc\/(?:passwd|shadow|sudoers)\b/gi),
  rule('path.traversal', 'medium', 'Climbs out of its folder', /\.\.[/\\]\.\.[/\\]/g),

  rule('command.sudo', 'high', 'Runs a command as another user', /\bsudo\s+(?:-\w+\s+)?[\w./-]+/gi),
  rule(
    'command.remove',
    'critical',
    'Removes files for good',
    /\brm\s+(?:-{1,2}[\w-]{1,20}\s+){0,4}-{1,2}(?:[a-z]{0,8}r[a-z]{0,8}f|[a-z]{0,8}f[a-z]{0,8}r|recursive|force)\b/gi,
  ),
  rule('command.permissions', 'high', 'Opens files to everybody', /\bchmod\s+(?:-\w+\s+)?(?:0?777|a\+rwx|o\+w)\b/gi),
  rule('command.disk', 'critical', 'Overwrites a disk', /\bmkfs(?:\.\w+)?\s|\bdd\s+[^\n]{0,80}\bof=\/dev\//gi),
  rule(
    'command.download_and_run',
    'critical',
    'Runs what it downloads',
    /\b(?:curl|wget)\s[^\n|]{0,300}\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b/gi,
  ),
  rule('command.reverse_shell', 'critical', 'Opens a shell to another machine', /\/dev\/tcp\/|\bnc\s+(?:-\w{1,8}\s+){0,4}-e\b/gi),
  rule('command.power', 'high', 'Ends a machine or a process', /\b(?:shutdown|reboot|halt)\s+(?:-\w+|now)\b|\bkill\s+-9\b/gi),

  rule(
    'code.child_process',
    'high',
    'Starts a process from code',
    /\bchild_process\b|\bsubprocess\.(?:run|call|Popen|check_output)\b|\bos\.(?:system|popen)\b|\bRuntime\.getRuntime\(\)/g,
  ),
  rule('code.eval', 'high', 'Evaluates text as code', /\beval\s*\(|\bnew\s+Function\s*\(|\bexec(?:Sync|File)?\s*\(|\b__import__\s*\(/g),
  rule('code.deserialise', 'high', 'Loads code with data', /\bpickle\.loads?\b|\byaml\.unsafe_load\b/g),

  rule('api.delete', 'high', 'Asks for a deletion by an interface', /\bDELETE\s+(?:\/|https?:)|["']?method["']?\s*[:=]\s*["']DELETE\b/g),
  rule('api.destroy', 'high', 'Destroys resources', /\bDESTROY\b|\bterraform\s+destroy\b|\bkubectl\s+delete\b/g),
  rule('api.billing', 'high', 'Touches billing', /\/(?:billing|payments?|payouts?|refunds?|invoices?|transfers?|charges?)\b/gi),

  rule(
    'data.drop',
    'critical',
    'Deletes a database or what is in it',
    /\b(?:drop\s+(?:table|database|schema)|truncate\s+(?:table\s+)?\w|delete\s+from\s+\w)/gi,
  ),
  rule(
    'data.delete_all',
    'high',
    'Orders the deletion of data',
    /\b(?:delete|erase|wipe|purge|destroy|remove)\s+(?:\w+\s+){0,3}?(?:all|every|entire|whole)\b|\b(?:delete|erase|wipe|purge)\s+(?:\w+\s+){0,3}?(?:records?|accounts?|customers?|backups?|databases?|users?|files?|logs?)\b/gi,
  ),
  rule(
    'payment.amount',
    'high',
    'Orders a payment of an amount',
    /\b(?:pay|transfer|wire|refund|send|charge|remit|deposit|withdraw|payout|approve)\b[^.\n]{0,80}?(?:[$€£¥]\s?\d|\b\d[\d.,]*\s?(?:dollars?|euros?|pounds?|usd|eur|gbp|jpy|chf|btc|eth)\b)/gi,
  ),
  rule(
    'payment.order',
    'medium',
    'Speaks of a payment',
    /\b(?:bank transfer|wire transfer|payment order|iban|routing number|crypto wallet|gift cards?)\b/gi,
  ),
  rule(
    'mail.mass',
    'high',
    'Orders a mail to many',
    /\b(?:e-?mails?|messages?|newsletters?|notify|notification|send|forward)\b[^.\n]{0,60}?\b(?:all|every|each|entire)\s+(?:\w+\s+){0,2}?(?:customers?|users?|clients?|employees?|contacts?|subscribers?|staff|members?|everyone)\b/gi,
  ),
  rule(
    'production.named',
    'medium',
    'Names a production system',
    /\b(?:production|prod)\s+(?:database|db|server|servers|system|systems|environment|cluster|data|account|accounts)\b|\blive (?:database|customers?)\b/gi,
  ),
];

// oxlint-disable-next-line max-params -- one row of a table.
function rule(id: string, level: Severity, title: string, pattern: RegExp): RiskRule {
  return { id, level, title, pattern };
}
