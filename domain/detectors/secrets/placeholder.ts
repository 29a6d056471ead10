/** Words that say outright that the value stands for another one. One of them anywhere is enough. */
const outright =
  /example|placeholder|change[-_ ]?(?:me|this|it)|redacted|dummy|(?:^|[^a-z])(?:fake|sample|mock)(?:[^a-z]|$)|your[-_ ]?\w|replace[-_ ]?(?:me|this|with)|insert[-_ ]|todo|fixme|enter[-_ ]|goes[-_ ]?here|(?:key|token|secret|password|value|id)[-_ ]here|not[-_ ]?a?[-_ ]?real|put[-_ ]?your|super[-_ ]?secret|lorem|deadbeef|foobar|notasecret|masked|hidden|removed|omitted|truncated|some[-_ ](?:key|token|secret|password|value)|my[-_ ](?:key|token|secret|password|value|api|access|auth)/i;

/** Words that stand for another value when nothing else is beside them. */
const fillers = new Set(
  'password passwd passphrase pass pwd secret secrets token tokens key keys apikey api auth access client user username admin root test testing tests foo bar baz qux demo default none null nil undefined true false yes no on off empty string str text value values private public basic bearer string number int integer bool boolean bytes byte char varchar object array list any void unknown required optional missing invalid valid same new old current my the a an in to of is and or id name env environment var variable config vault login github gitlab prompt hash hashed encrypted plain plaintext abc abcd abcde abcdef abc123 qwerty letmein welcome hello world xxx blah something anything nothing here there now first last one two three generated random unset set never always p@ssw0rd passw0rd pa55word changeit'.split(
    ' ',
  ),
);

const references = [
  /^\$?\{.*\}?$/,
  /^\$\(?[A-Za-z_]/,
  /^\$\$?[A-Z_]+$/,
  /^%[A-Za-z_][\w.-]*%?$/,
  /^%[-+ #0]?\d*[sdifxv]$/,
  /^@[\w.]+@?$/,
  /^[<[(].*[>\])]?$/,
  /^#\{/,
  /^(?:process|os|env|config|settings|secrets|vars?|params?|args?|opts?|options|self|this|data|request|req|res|ctx|input|module|local|credentials?)[.[:]/i,
  /^(?:vault|ssm|sops|arn|op|secretsmanager|file|kms|env|ref|resolve):/i,
  /^(?:\/|\.\/|~\/|[A-Z]:\\)[\w./\\ -]*$/,
  /^\/(?:etc|var|usr|run|home|opt|tmp|bin|root)\//,
  /^\w+\(/,
  /\{\{|\}\}|\$\{|<%|%>/,
];

/**
 * Whether a value stands in the place of a secret: a template variable, a reference, a masked or repeated value, an
 * announced example, or a counting run such as `1234567890abcdef`.
 */
export function isPlaceholder(value: string): boolean {
  if (value.length > 600) return false;
  if (outright.test(value) || references.some((pattern) => pattern.test(value))) return true;
  if (/\*{3}|•{2}|\.{3}|…|x{5}|X{4}|_{4}|-{6}|#{4}|\?{3}/.test(value)) return true;
  return isRepeated(value) || isCounting(value) || isOnlyFillers(value);
}

/** Fewer than four different characters, mostly one of them, or a short unit over and over. */
function isRepeated(value: string): boolean {
  const body = value.replace(/[^A-Za-z0-9]+/g, '').toLowerCase();
  if (body.length >= 8 && hasFewerThanFour(body)) return true;
  const sameRun = longestSameRun(body);
  if (sameRun >= 8 && sameRun > body.length * 0.4) return true;
  for (let unit = 1; unit <= 4; unit += 1) {
    // Moved by its unit, a repetition lies upon itself.
    if (body.length >= unit * 3 && body.startsWith(body.slice(unit))) return true;
  }
  return false;
}

/** Whether the text has fewer than four different characters. */
function hasFewerThanFour(body: string): boolean {
  let others = '';
  for (const character of body) {
    if (others.includes(character)) continue;
    others += character;
    if (others.length === 4) return false;
  }
  return true;
}

function longestSameRun(body: string): number {
  let longest = 0;
  let run = 0;
  for (let index = 0; index < body.length; index += 1) {
    run = index > 0 && body.charCodeAt(index) === body.charCodeAt(index - 1) ? run + 1 : 1;
    if (run > longest) longest = run;
  }
  return longest;
}

/** Whether most of the value goes up or down by one from character to character, in runs of at least five. */
function isCounting(value: string): boolean {
  const body = value.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (body.length < 6) return false;
  let inRuns = 0;
  let run = 1;
  for (let index = 1; index <= body.length; index += 1) {
    const step = index < body.length ? nextInCount(body, index) : false;
    if (step) run += 1;
    else {
      if (run >= 5) inRuns += run;
      run = 1;
    }
  }
  return inRuns >= body.length * 0.75;
}

function nextInCount(body: string, index: number): boolean {
  const before = body.charCodeAt(index - 1);
  const code = body.charCodeAt(index);
  if (code - before === 1) return true;
  return code === digitZero ? before === digitNine || before === letterZ || before === letterF : code === letterA && before === digitNine;
}

const digitZero = 48;
const digitNine = 57;
const letterA = 97;
const letterF = 102;
const letterZ = 122;

/** Fillers written together, e.g. `mysecretpassword1`. No word of the list begins another, so there is one way to match. */
const joinedFillers =
  /^(?:my|our|the|super|very|secret|secure|strong|pass|word|wd|key|token|api|test|admin|user|root|db|database|default|access|auth|client|app|value|some|new|old|safe|weak|fake|service|server){1,8}[\d!]{0,4}$/i;

function isOnlyFillers(value: string): boolean {
  if (joinedFillers.test(value)) return true;
  // Most values end this at their first word.
  for (const { 0: run } of value.matchAll(/[A-Za-z0-9@]+/g)) {
    if (!run.split(/(?<=[a-z])(?=[A-Z])/).every((word) => isFiller(word.toLowerCase()))) return false;
  }
  return true;
}

function isFiller(word: string): boolean {
  if (fillers.has(word)) return true;
  const name = word.replace(/\d{1,4}$/, '');
  return name === '' || fillers.has(name);
}
