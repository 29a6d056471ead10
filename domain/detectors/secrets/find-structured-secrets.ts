import { isPlaceholder } from './placeholder.ts';
import { hasRandomSegment, holdsEncodedLogin } from './randomness.ts';
import type { SecretMatch } from './secret-match.ts';
import type { WorkLimit } from './work-limit.ts';

interface StructureRule {
  readonly ruleId: string;
  /** Global; bounded in every repeat. The secret is group 1 where there is one, else the whole match. */
  readonly pattern: RegExp;
  /** How far the secret reaches before the match: the pattern starts at its rarest part, so that a search is fast. */
  readonly before?: number;
  readonly confidence: number;
  /** Whether a value that reads like a word is still a secret here; `with-digit` asks for a digit in it. */
  readonly acceptsWords?: boolean | 'with-digit';
}

const base64Line = String.raw`[A-Za-z0-9+/=\\" \t:,.-]{0,4000}`;
const uuid = '[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}';

const rules: readonly StructureRule[] = [
  {
    ruleId: 'private-key',
    pattern: new RegExp(
      String.raw`-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END)${base64Line}\r?\n){0,400}(?:${base64Line}-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?`,
      'g',
    ),
    confidence: 0.98,
    acceptsWords: true,
  },
  {
    ruleId: 'putty-private-key',
    pattern: /Private-Lines: \d{1,3}\r?\n(?:[A-Za-z0-9+/=]{1,80}\r?\n){1,60}/g,
    confidence: 0.98,
    acceptsWords: true,
  },
  {
    ruleId: 'json-web-token',
    pattern: /(?<![\w-])eyJ[\w-]{8,2000}\.(?:eyJ|[\w-]{2})[\w-]{6,8000}(?:\.[\w-]{10,2000}){0,3}/g,
    confidence: 0.9,
  },
  { ruleId: 'url-credentials', pattern: /:\/\/[^\s:@/"'`<>]{0,120}:([^\s:@/"'`<>]{3,200})@[\w.[$-]/g, confidence: 0.9, acceptsWords: true },
  { ruleId: 'url-credentials', pattern: /:\/\/([^\s:@/"'`<>]{16,200})@[\w.[-]/g, confidence: 0.85 },
  {
    ruleId: 'webhook-url',
    pattern: /hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9+/]{20,120}/g,
    confidence: 0.95,
  },
  {
    ruleId: 'webhook-url',
    pattern: /(?:discord(?:app)?|canary\.discord|ptb\.discord)\.com\/api\/(?:v\d{1,2}\/)?webhooks\/\d{16,20}\/[\w-]{50,90}/g,
    confidence: 0.95,
  },
  {
    ruleId: 'webhook-url',
    pattern: new RegExp(String.raw`\.office\.com\/webhook(?:b2)?\/${uuid}@${uuid}\/IncomingWebhook\/[\w-]{20,60}\/${uuid}`, 'gi'),
    confidence: 0.95,
  },
  {
    ruleId: 'webhook-url',
    pattern:
      /hooks\.zapier\.com\/hooks\/(?:catch|standard)\/[\w/-]{6,80}|hook(?:\.[a-z0-9]{2,4})?\.(?:integromat|make)\.com\/[a-z0-9]{20,60}|maker\.ifttt\.com\/trigger\/[\w-]{1,60}\/with\/key\/[\w-]{10,60}|chat\.googleapis\.com\/v1\/spaces\/[\w/?&=%-]{20,200}|open\.(?:feishu\.cn|larksuite\.com)\/open-apis\/bot\/v2\/hook\/[\w-]{20,60}|oapi\.dingtalk\.com\/robot\/send\?access_token=[\w]{20,80}|qyapi\.weixin\.qq\.com\/cgi-bin\/webhook\/send\?key=[\w-]{20,60}|\.logic\.azure\.com[\w:/.-]{1,120}\?[\w=&%./-]{1,200}sig=[\w%-]{20,80}|events\.pagerduty\.com\/integration\/[a-f0-9]{20,60}|\.(?:opsgenie|mattermost|rocket\.chat)\.com\/hooks\/[\w/-]{20,80}/g,
    confidence: 0.9,
  },
  {
    ruleId: 'authorization-header',
    pattern:
      /\b(?:authorization|x-(?:[a-z]{1,15}-){0,3}(?:key|token|auth|secret|apikey|signature))["']?[ \t]{0,3}[:=,][ \t]{0,3}["'`]?(?:(?:basic|bearer|token|apikey|api-key|key|digest|sso-key|oauth|bot|splunk|negotiate|hawk|genie[- ]?key|dapi|client-id|klaviyo-api-key|discogs token=|oauth2?|zoho-oauthtoken|token token=|pre|snowflake token=|ssws|apitoken|hmac)[ \t=:]{1,4})?["']?([\w=+/~.:!$%-]{8,4000})/gi,
    confidence: 0.85,
    acceptsWords: 'with-digit',
  },
  {
    ruleId: 'authorization-header',
    pattern: /\b(?:bearer|basic|ssws|sso-key|genie[- ]?key|zoho-oauthtoken)[ \t]{1,4}["'`]?([\w=+/~.:-]{14,4000})/gi,
    confidence: 0.75,
  },
  {
    ruleId: 'password-hash',
    pattern:
      /(?<![A-Za-z0-9])\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2(?:id|i|d)|pbkdf2[\w-]{0,12}|sha1|md5|P|H|S|scrypt|bcrypt[\w-]{0,8})\$[A-Za-z0-9./$=,+-]{20,300}/g,
    confidence: 0.85,
  },
  {
    ruleId: 'password-hash',
    pattern:
      /(?<![A-Za-z0-9])(?:\$[PHS]\$[A-Za-z0-9./]{31}|\{(?:SSHA|SHA|SMD5|MD5|CRYPT|SSHA256|SSHA512|PBKDF2[\w-]{0,10})\}[A-Za-z0-9+/=$.]{16,200}|pbkdf2_sha\d{1,3}\$\d{1,8}\$[A-Za-z0-9+/=$]{20,200}|bcrypt_sha256\$[\w$./-]{30,120})/g,
    confidence: 0.85,
  },
  {
    ruleId: 'password-hash',
    pattern: /^[\w.@-]{1,64}:([A-Za-z0-9./]{13}|[a-f0-9]{32}|[a-f0-9]{40}|[A-F0-9]{32}:[A-F0-9]{32})(?=:|\r?$)/gm,
    confidence: 0.7,
  },
  { ruleId: 'password-hash', pattern: /^[\w.$ -]{1,64}:\d{1,10}:(?:[a-f0-9]{32}|\*{0,32}):([a-f0-9]{32}):::/gim, confidence: 0.9 },
  {
    ruleId: 'pgpass-line',
    pattern: /^[\w.*-]{1,120}:(?:\d{2,5}|\*):[\w.*-]{1,63}:[\w.@*-]{1,63}:([^\s:]{3,120})\r?$/gm,
    confidence: 0.85,
    acceptsWords: true,
  },
  {
    ruleId: 'netrc-password',
    pattern: /\blogin\s{1,8}\S{1,120}\s{1,8}(?:account\s{1,8}\S{1,80}\s{1,8})?password\s{1,8}(\S{2,200})/g,
    confidence: 0.9,
    acceptsWords: true,
  },
  {
    ruleId: 'command-line-password',
    pattern:
      /(?:\s--?(?:password|passwd|pass|passphrase|token|secret|api-?key|auth-token|access-token|client-secret|http-password|db-?pass(?:word)?|proxy-user)(?:=|[ \t]{1,3}))["']?([^\s"'`$<>{}|;&-][^\s"'`<>{}|;&]{3,300})/gi,
    confidence: 0.8,
    acceptsWords: true,
  },
  {
    ruleId: 'command-line-password',
    pattern: /\s(?:-u|--user|-a|--auth)[ =]{0,2}["']?[^\s:"'$<{]{1,100}:([^\s"'`$<>{}]{3,200})/g,
    confidence: 0.8,
    acceptsWords: true,
  },
  {
    ruleId: 'command-line-password',
    pattern: /\b(?:mysql|mysqldump|mysqladmin|mariadb|sshpass)\b[^\n]{0,80}?\s-p(?: ?["'])?([^\s"'`$<>{}-][^\s"'`$<>{}]{3,120})/g,
    confidence: 0.8,
    acceptsWords: true,
  },
  {
    ruleId: 'sql-password',
    pattern: /\bIDENTIFIED (?:WITH \w{1,40} )?BY (?:PASSWORD )?'([^'\s]{4,200})'|\bPASSWORD\s{0,3}\(\s{0,3}'([^'\s]{4,200})'/gi,
    confidence: 0.9,
    acceptsWords: true,
  },
  {
    ruleId: 'azure-storage-key',
    pattern: /==(?<=(?<![A-Za-z0-9+/]|sha512-)[A-Za-z0-9+/]{86}==)(?![A-Za-z0-9=])/g,
    before: 86,
    confidence: 0.7,
  },
  { ruleId: 'azure-client-secret', pattern: /(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/g, confidence: 0.9 },
  { ruleId: 'telegram-bot-token', pattern: /(?<![A-Za-z0-9])(?:bot)?\d{8,10}:A[A-Za-z0-9][\w-]{33}(?![\w-])/g, confidence: 0.95 },
  {
    ruleId: 'discord-token',
    pattern: /(?<![\w.-])(?:mfa\.[\w-]{60,110}|[MNO][\w-]{22,28}\.[\w-]{6}\.[\w-]{27,40})(?![\w.-])/g,
    confidence: 0.9,
  },
  { ruleId: 'mailchimp-key', pattern: /-us(?<=(?<![A-Za-z0-9])[a-f0-9]{32}-us)\d{1,2}(?![A-Za-z0-9])/g, before: 32, confidence: 0.95 },
  {
    ruleId: 'terraform-token',
    pattern: /\.atlasv1\.(?<=(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.)[\w-]{60,70}(?![\w-])/g,
    before: 14,
    confidence: 0.95,
  },
  { ruleId: 'salesforce-token', pattern: /(?<![A-Za-z0-9])00D[A-Za-z0-9]{12,15}!A[\w.!]{60,140}/g, confidence: 0.9 },
  { ruleId: 'salesforce-refresh-token', pattern: /(?<![A-Za-z0-9])5Aep861[\w.]{60,100}/g, confidence: 0.9 },
  { ruleId: 'facebook-app-token', pattern: /(?<![A-Za-z0-9])\d{13,17}(?:\||%7C)[\w-]{27,40}(?![\w-])/g, confidence: 0.8 },
  {
    ruleId: 'maxmind-key',
    pattern: /_mmk(?<=(?<![A-Za-z0-9])[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk)(?![A-Za-z0-9])/g,
    before: 36,
    confidence: 0.95,
  },
  { ruleId: 'google-client-id', pattern: /(?<![A-Za-z0-9])\d{8,16}-[a-z0-9]{24,40}\.apps\.googleusercontent\.com/g, confidence: 0.6 },
  {
    ruleId: 'connection-string-key',
    pattern: /(?:AccountKey|SharedAccessKey|SharedSecretValue|EndpointKey|SharedAccessSignature)=([A-Za-z0-9+/=%&. -]{20,300})/gi,
    confidence: 0.95,
  },
  {
    ruleId: 'sidekiq-key',
    pattern: /(?:sidekiq|contribsys)[^\n]{0,40}?(?<![a-f0-9])([a-f0-9]{8}:[a-f0-9]{8})(?![a-f0-9])/gi,
    confidence: 0.9,
    acceptsWords: true,
  },
  {
    ruleId: 'ansible-vault',
    pattern: /\$ANSIBLE_VAULT;\d\.\d;AES256(?:;[\w.-]{1,60})?\s{1,20}(?:[a-f0-9]{20,100}\s{1,20}){1,200}/g,
    confidence: 0.9,
  },
  {
    ruleId: 'network-device-password',
    pattern: /\b(?:password|secret|key|md5) [578] ([0-9A-Fa-f]{6,80}|\$[\w$./]{20,90})\b/g,
    confidence: 0.9,
    acceptsWords: true,
  },
  { ruleId: 'sql-row-hash', pattern: /(?<=[,(] ?)'([a-f0-9]{32}|[a-f0-9]{40}|[a-f0-9]{64}|[a-f0-9]{128})'(?= ?[,)])/gi, confidence: 0.6 },
];

/** Rules whose form no placeholder has, although it may begin with a dollar sign or a bracket. */
const formsOfTheirOwn: ReadonlySet<string> = new Set([
  'private-key',
  'putty-private-key',
  'password-hash',
  'ansible-vault',
  'network-device-password',
]);

/** Finds secrets that their surroundings or their own form give away: keys in blocks, URLs, headers, hashes, commands. */
export function findStructuredSecrets(text: string, limit: WorkLimit): SecretMatch[] {
  const matches: SecretMatch[] = [];
  for (const rule of rules) {
    for (const match of text.matchAll(rule.pattern)) {
      const secret = text.slice(match.index - (rule.before ?? 0), match.index) + (match[1] ?? match[2] ?? match[0]);
      if (!limit.spend(secret.length)) return matches;
      if (!formsOfTheirOwn.has(rule.ruleId) && isPlaceholder(secret)) continue;
      if (rule.ruleId === 'private-key' && isEmptyKeyBlock(secret, text.charAt(match.index + secret.length))) continue;
      if (!mayBeSecret(secret, rule.acceptsWords)) continue;
      const start = rule.before === undefined ? match.index + match[0].lastIndexOf(secret) : match.index - rule.before;
      matches.push({ ruleId: rule.ruleId, start, end: start + secret.length, confidence: rule.confidence });
    }
  }
  return matches;
}

function mayBeSecret(secret: string, acceptsWords: boolean | 'with-digit' | undefined): boolean {
  if (acceptsWords === true || (acceptsWords === 'with-digit' && /\d/.test(secret) && /[A-Za-z]/.test(secret))) return true;
  return hasRandomSegment(secret, 8) || holdsEncodedLogin(secret);
}

/** Whether something stands between the lines of a key block and no line of it is key material. */
function isEmptyKeyBlock(block: string, next: string): boolean {
  const body = block.replace(/-----[A-Z0-9 ]{1,60}-----/g, '').trim();
  return (body !== '' || next !== '') && !/[A-Za-z0-9+/=]{20}/.test(body);
}
