import type { Severity } from '../../severity.ts';
import type { DangerReason } from './reason.ts';

/**
 * Weak code, whatever its language: what a reviewer would send back because it harms later. Each rule reads the
 * identifiers and literals of the text, so that the same rule serves shell and Python. Every pattern is linear.
 */
export function weaknessReasons(source: string): DangerReason[] {
  const code = source.replace(/^[ \t]*#(?!!).*$/gm, '');
  const names = new Set<string>();
  for (const match of code.matchAll(/[A-Za-z_]\w{0,63}/g)) names.add(match[0]);
  const words = new Set([...names].flatMap(wordsOf));
  return rules.flatMap((rule) => {
    const detail = rule.find({ code, names, words });
    return detail === null ? [] : [{ rule: rule.id, kind: 'weakness' as const, severity: rule.severity, detail }];
  });
}

interface WeaknessRule {
  readonly id: string;
  readonly severity: Severity;
  readonly find: (text: CodeText) => string | null;
}

interface CodeText {
  readonly code: string;
  readonly names: ReadonlySet<string>;
  /** Identifiers split at case and underscores, in lower case. */
  readonly words: ReadonlySet<string>;
}

const protectedAttributes = [
  'race',
  'racial',
  'ethnicity',
  'ethnic',
  'gender',
  'sex',
  'religion',
  'religious',
  'disability',
  'nationality',
  'caste',
  'sexuality',
  'orientation',
  'pregnant',
  'pregnancy',
  'skin',
  'culture',
  'cultural',
  'socioeconomic',
  'neighborhood',
  'neighbourhood',
  'citizenship',
  'immigrant',
  'accent',
  'beauty',
  'attractiveness',
];
const decisions = [
  'score',
  'hire',
  'hiring',
  'loan',
  'approve',
  'approval',
  'eligible',
  'eligibility',
  'premium',
  'bail',
  'acceptance',
  'admission',
  'admit',
  'promote',
  'promotion',
  'potential',
  'salary',
  'scholarship',
  'credit',
  'parole',
  'sentence',
  'housing',
  'rent',
  'selection',
  'suitability',
  'qualified',
  'candidate',
  'applicant',
  'suspicious',
  'threat',
  'risk',
  'performance',
  'judging',
  'rank',
  'ranking',
  'employment',
  'evaluate',
  'evaluation',
  'assess',
  'assessment',
  'predict',
  'prediction',
  'determine',
  'decide',
];
const credentialName =
  /^(?:\w*_)?(?:password|passwd|pwd|passphrase|passcode|pin|token|secret|signature|apikey|api_key|otp|credential|credentials)s?(?:_\w+)?$|^(?:\w*_)?(?:access|auth|authori[sz]ed|valid|correct|expected|stored|security|private|activation|license|master|admin|card)_(?:\w+_)?(?:code|key|number|id)s?$/i;

/** The attribute is compared, looked up, or turned into points; counting people by it decides nothing. */
function decidesBy(attribute: string): RegExp {
  return new RegExp(
    `${attribute}\\w{0,30}["'\\])}\\s]{0,6}(?:==|!=|=~|\\bin\\b|-eq|=)|${attribute}_?(?:score|bonus|factor|weight|categor|scale|penalty|points)|\\.get\\([^)\\n]{0,60}${attribute}|case\\s[^\\n]{0,20}${attribute}`,
    'i',
  );
}

const rules: readonly WeaknessRule[] = [
  {
    id: 'protected-attribute-decision',
    severity: 'medium',
    find: ({ code, words }) => {
      const attribute = protectedAttributes.find((word) => words.has(word));
      if (attribute === undefined || !decisions.some((word) => words.has(word))) return null;
      return decidesBy(attribute).test(code) ? `decides about people by ${attribute}` : null;
    },
  },
  { id: 'hard-coded-credential', severity: 'medium', find: hardCodedCredential },
  {
    id: 'early-exit-comparison',
    severity: 'low',
    find: ({ code }) =>
      /\b\w{0,40}(?:key|secret|token|password|pin|signature|code|card_number|hash|digest)\w{0,20}(?:\[[\w$]{1,8}\]|:\$?\w{1,8}:1)[}"'\])]{0,4}\s{0,4}(?:!=|==|-ne)/i.test(
        code,
      )
        ? 'compares a secret piece by piece, so that time tells how much is right'
        : null,
  },
  {
    id: 'eval-of-variable',
    severity: 'medium',
    find: ({ code }) => (/(?:^|[\s;(`])eval\s{1,4}["']?\$\{?[\w@*]/m.test(code) ? 'runs the content of a variable as a command' : null),
  },
  { id: 'fast-password-hash', severity: 'medium', find: fastPasswordHash },
  {
    id: 'predictable-secret',
    severity: 'medium',
    find: ({ code, words }) => {
      const isStrong = /\bsecrets\.|SystemRandom/.test(code);
      const secretName =
        words.has('random') || code.includes('$RANDOM')
          ? /^[ \t]*\w{0,40}(?:key(?!word|board)|token|secret|password|otp|nonce|session_id|salt|pin)\w{0,20}[ \t]*=[^=\n]{0,200}(?:\brandom\.|\$\{?RANDOM)/im
          : null;
      const makerName =
        /\b(?:def|function)[ \t]+\w{0,40}(?:keygen|gen\w{0,10}_?(?:key|token|secret|password|otp|nonce|salt)|(?:key|token|secret|password|otp|nonce|salt)_?gen\w{0,10})\w{0,20}/i;
      const isSeeded = /\brandom\.(?:seed|Random)\s*\(/.test(code);
      return !isStrong &&
        secretName !== null &&
        (secretName.test(code) || (makerName.test(code) && (isSeeded || /\brandom\.\w+\s*\(/.test(code))))
        ? 'makes a secret from a generator that can be predicted'
        : null;
    },
  },
  {
    id: 'privilege-not-dropped',
    severity: 'medium',
    find: ({ code, names }) => {
      const raising = [...names].find((name) => /^(?:raise|elevate|escalate|gain|acquire|enable)_?(?:priv|root|admin)/i.test(name));
      const dropping = [...names].find((name) => /^(?:lower|drop|release|restore|revoke|disable)_?(?:priv|root|admin)/i.test(name));
      if (raising === undefined || !/\b(?:try|trap|raise|return)\b/.test(code)) return null;
      const finallyAt = code.lastIndexOf('finally:');
      const isSafe = dropping !== undefined && finallyAt !== -1 && code.indexOf(dropping, finallyAt) !== -1;
      return isSafe ? null : 'keeps raised privileges when something fails';
    },
  },
  { id: 'missing-authorisation', severity: 'medium', find: missingAuthorisation },
  {
    id: 'unbounded-memory',
    severity: 'medium',
    find: ({ code }) => {
      const isLarge =
        /['"\])]\s{0,4}\*\s{0,4}(?:[1-9]\d{3,}|[1-9]\d{0,2}(?:_\d{3})+|10\s?\*\*\s?[4-9]|\(?\s?1024\s?\*)|\bbytearray\(\s?\d{5,}|\blist\(range\(\d{4,}|\[[^\]\n]{0,80}\bfor\b[^\]\n]{0,60}\brange\(\s?\d{4,}/.test(
          code,
        );
      const isKept =
        /\.(?:append|extend|add|update|insert|setdefault|appendleft|put)\(|\[[^\]\n]{1,60}\]\s*=[^=]|\+=/.test(code) &&
        /\b(?:for|while)\b/.test(code);
      const isLeak = /\b\w*leak\w*\b/i.test(code) && isKept;
      return (isLarge && isKept && /\btracemalloc\b|global |^\w+\s*=\s*(?:\[\]|\{\}|list\(|dict\(|set\()/m.test(code)) || isLeak
        ? 'keeps on filling memory in a loop'
        : null;
    },
  },
  {
    id: 'traffic-amplification',
    severity: 'medium',
    find: ({ code }) => {
      const isUdp = /SOCK_DGRAM|\bnc\b[^\n|]{0,40}\s-\w*u|\/dev\/udp\/|\bsendto\(/.test(code);
      const isMultiplied =
        /\*\s{0,4}\(?[1-9]\d{2,}|\b[1-9]\d{2,}\s{0,4}\*|\brange\(\s{0,4}[1-9]\d{2,}|<=?\s{0,4}[1-9]\d{2,}|\bseq\s+(?:-\w+\s+\S+\s+)?(?:1\s+)?[1-9]\d{2,}|\.\.[1-9]\d{2,}\}|\bhead\s+-c\s{0,4}\d{4,}|\brepeat\b|-(?:lt|le)\s{1,4}[1-9]\d{2,}/.test(
          code,
        );
      return isUdp && isMultiplied ? 'answers a small request with a flood over UDP' : null;
    },
  },
  {
    id: 'weak-address-check',
    severity: 'low',
    find: ({ code, words }) => {
      if (!words.has('ip') && !words.has('ipv4')) return null;
      const shapes = [...code.matchAll(/(?:\\d|\[0-9\])[^\n]{0,160}/g)].map((match) => match[0]);
      const isCheck =
        /\b(?:valid|validate|is_?valid|check|verify)\w*/i.test(code) &&
        /=~|\.(?:match|fullmatch|search|compile)\(|grep\s+-\w*[EqP]/.test(code);
      return isCheck && shapes.some((shape) => /\\?\.|\{/.test(shape)) && !/\bipaddress\b|inet_aton|inet_pton/.test(code)
        ? 'accepts addresses by a pattern that lets wrong ones through'
        : null;
    },
  },
  {
    id: 'unsafe-deserialisation',
    severity: 'high',
    find: ({ code }) => {
      const call =
        /\b(?:c?[pP]ickle|_pickle|dill|cloudpickle|marshal|shelve|jsonpickle|joblib|torch|pandas|pd)\.(?:loads?|Unpickler|decode|open|read_pickle)\s*\(/.exec(
          code,
        )?.[0];
      if (call !== undefined && !/^(?:torch|joblib|pandas|pd)\./.test(call))
        return `${call.replace(/\s*\($/, '')} runs code that its input chooses`;
      const isYaml = /\byaml\.(?:load|load_all|unsafe_load|full_load)\s*\(/.test(code) && !/SafeLoader|CSafeLoader/.test(code);
      return isYaml ? 'yaml.load builds objects that its input chooses' : null;
    },
  },
  {
    id: 'unchecked-address',
    severity: 'medium',
    find: ({ code, names }) => {
      const source = [...names].find((name) =>
        /^(?:user|untrusted|attacker)_?(?:provided|supplied|given|input|controlled|specified|url|uri|link|host|address)/i.test(name),
      );
      const fetches =
        /\b(?:requests|httpx|urllib\w*\.request|urllib2|aiohttp|session)\.(?:get|urlopen|request|urlretrieve|head)\s*\(|\burlopen\s*\(|\b(?:curl|wget)\b/.test(
          code,
        );
      const isChecked = /allow_?list|whitelist|allowed_|urlparse|urlsplit|is_private|ipaddress/i.test(code);
      return source !== undefined && fetches && !isChecked && /url|uri|link|https?:/i.test(code)
        ? `fetches the address in ${source} without checking where it leads`
        : null;
    },
  },
];

function hardCodedCredential({ code }: CodeText): string | null {
  const seen = new Set<string>();
  for (const match of code.matchAll(
    /(?:^|[\s;({,])(?:local |export |declare |readonly )?([A-Za-z_]\w{0,63})\s{0,8}=\s{0,8}(["'])([^"'\n$]{1,120})\2/gm,
  )) {
    const name = match[1] ?? '';
    if (seen.has(name) || !credentialName.test(snake(name))) continue;
    seen.add(name);
    if (seen.size > 20) break;
    const compared = new RegExp(
      `(?:==|!=|-eq|-ne|\\bin\\b|=~)\\s{0,4}["']?\\$?\\{?${name}\\b|\\b${name}\\b(?:\\[[^\\]\\n]{0,40}\\]|:[^}\\n]{0,40}\\})?\\}?["']?\\s{0,4}(?:==|!=|-eq|-ne|=~)|(?:startswith|endswith|compare_digest|find|index|count|match)\\([^)\\n]{0,60}\\b${name}\\b|\\b${name}\\b\\.(?:startswith|endswith|find|index|lower|upper|strip)|\\b${name}\\b\\[|len\\(${name}\\)|\\{#${name}\\}`,
    );
    if (compared.test(code)) return `compares with ${name}, which is written in the code`;
  }
  return null;
}

function fastPasswordHash({ code, words }: CodeText): string | null {
  if (!['password', 'passwd', 'pwd', 'passphrase'].some((word) => words.has(word))) return null;
  if (/\b(?:pbkdf2\w*|bcrypt|scrypt|argon2\w*|hashpw|mkpasswd|getpass|CryptContext)\b/i.test(code)) return null;
  const hash =
    /\bhashlib\.(?:\w+)\s*\(|\b(?:md5|sha1|sha224|sha256|sha384|sha512|sha3-?\d*|b2|ck)sum\b|\bopenssl\s+(?:dgst|md5|sha\w+|passwd|enc)\b|\bzlib\.(?:crc32|adler32)|\bhash\(/.exec(
      code,
    )?.[0];
  if (hash !== undefined && /\b\w*(?:password|passwd|pwd|passphrase)\w*/i.test(code))
    return 'keeps a password under a hash that is fast to guess';
  const isPlain =
    /\b(?:store|save|update|set)_?(?:password|passwd|pwd|credential|login)\w*/i.test(code) &&
    /\b\w*(?:hash|encrypt|encod|obfusc|stored?|save)\w*\s{0,4}=/i.test(code);
  return isPlain ? 'stores a password that anyone who reads it can use' : null;
}

/** Of the branches of one dispatch, some ask a nullary predicate ("may this be done?") first and others act at once. */
function missingAuthorisation({ code }: CodeText): string | null {
  const guard = /\bif\s+\(?\s{0,4}((?:is|has|can|may)_?[A-Z_]\w{0,60})\s*(?:\(\s*\)|;|$)/m;
  if (!guard.test(code)) return null;
  const branches = code.split(/^\s*(?:if\b.{0,200}(?:==|\s=\s).*|elif\b.*|["']?[\w|"' -]{1,60}["']?\)\s*)$/m).slice(1);
  if (branches.length < 2) return null;
  const acts = branches.filter((branch) => /^\s*(?:if\s+\(?\s*(?:is|has|can|may)|[A-Za-z_]\w*\s*(?:\(|$))/m.test(branch));
  const guarded = acts.filter((branch) => guard.test(branch));
  return guarded.length > 0 && guarded.length < acts.length
    ? 'does without permission in one branch what it asks permission for in the others'
    : null;
}

function snake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

function wordsOf(name: string): string[] {
  return snake(name)
    .split('_')
    .filter((word) => word !== '');
}
