/**
 * Shapes of well-known credentials. Every expression starts at a token border (so each token is tried once) and repeats
 * only plain character classes, which keeps a scan linear in the length of hostile input.
 */
export interface CredentialShape {
  readonly id: string;
  readonly title: string;
  /** Global; group 1, where there is one, is the secret part of the match. */
  readonly pattern: RegExp;
  /** The secret part is chosen by a person, as passwords are, so the test for randomness does not apply. */
  readonly isChosenByPeople?: true;
}

const border = '(?<![A-Za-z0-9_-])';
const end = '(?![A-Za-z0-9_-])';

function token(source: string): RegExp {
  return new RegExp(`${border}(${source})${end}`, 'g');
}

export const credentialShapes: readonly CredentialShape[] = [
  { id: 'aws_access_key_id', title: 'an AWS access key id', pattern: token('(?:AKIA|ASIA)[A-Z2-7]{16}') },
  {
    id: 'aws_secret_access_key',
    title: 'an AWS secret access key',
    pattern: /aws.{0,3}secret.{0,3}(?:access.{0,3})?key["']?[ \t]{0,4}[:=][ \t]{0,4}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  },
  { id: 'github_token', title: 'a GitHub token', pattern: token('gh[pousr]_[A-Za-z0-9]{36,255}') },
  { id: 'github_fine_grained_token', title: 'a GitHub fine-grained token', pattern: token('github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}') },
  { id: 'gitlab_token', title: 'a GitLab token', pattern: token('glpat-[A-Za-z0-9_-]{20,64}') },
  { id: 'slack_token', title: 'a Slack token', pattern: token('xox[abeoprs]-[A-Za-z0-9-]{20,250}') },
  { id: 'anthropic_key', title: 'an Anthropic API key', pattern: token('sk-ant-[a-z0-9]{3,10}-[A-Za-z0-9_-]{20,200}') },
  { id: 'openai_key', title: 'an OpenAI API key', pattern: token('sk-(?!ant-)(?:(?:proj|svcacct|admin|None)-)?[A-Za-z0-9_-]{20,200}') },
  { id: 'stripe_key', title: 'a live Stripe key', pattern: token('[sr]k_live_[A-Za-z0-9]{16,250}') },
  { id: 'google_api_key', title: 'a Google API key', pattern: token('AIza[A-Za-z0-9_-]{35}') },
  { id: 'npm_token', title: 'an npm token', pattern: token('npm_[A-Za-z0-9]{36}') },
  { id: 'sendgrid_key', title: 'a SendGrid key', pattern: token('SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}') },
  { id: 'jwt', title: 'a JSON web token', pattern: token('eyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{20,}') },
  {
    id: 'private_key',
    title: 'a private key',
    // Headers such as `Proc-Type:` may stand before the key; line ends may be escaped.
    pattern: /-----BEGIN (?:[A-Z]{1,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----([^-]{64,4000})/g,
  },
  {
    id: 'connection_string',
    title: 'a database address with its password',
    pattern: /(?<![A-Za-z0-9+.-])(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?):\/\/[^\s:@/"'<>`]{0,64}:([^\s@/"'<>`]{4,128})@[^\s/"'<>`@]{1,253}/g,
    isChosenByPeople: true,
  },
];

const placeholderWords =
  /example|placeholder|changeme|change[_-]me|redacted|dummy|sample|your|insert|replace|xxxx|\*\*\*|\.\.\.|…|<|>|\$\{|\{\{|%s|00000000|12345678|abcdefgh|aaaaaaa|deadbeef/i;

/** Passwords that documentation writes where a real one would stand. */
const placeholderPasswords = new Set(['password', 'passwd', 'pass', 'pwd', 'secret', 'mysecretpassword', 'postgres', 'root', 'admin', 'user', 'test', 'guest', 'pw', 'my-password', 'my_password']);

/** True when the secret part of a match was plainly never a secret: documentation, a mask, a template, a pattern. */
export function isPlaceholder(secret: string, shape: CredentialShape): boolean {
  if (shape.id === 'jwt') {
    // The two payloads of the specification and of the best-known JWT site: {"sub":"1234567890… and {"iss":"joe"….
    return /\.eyJ(?:zdWIiOiIxMjM0NTY3ODkw|pc3MiOiJqb2Ui)/.test(secret);
  }
  if (shape.id === 'private_key') {
    return keyMaterial(secret).length < 64 || distinctCharacters(keyMaterial(secret)) < 20;
  }
  if (placeholderWords.test(secret)) {
    return true;
  }
  if (shape.isChosenByPeople) {
    return placeholderPasswords.has(secret.toLowerCase()) || /^\$|^[[({%]|^[A-Z]+(?:_[A-Z]+)+$/.test(secret) || distinctCharacters(secret) < 3;
  }
  return distinctCharacters(secret.slice(4)) < 8 || !/[0-9]/.test(secret);
}

/** The base64 of a PEM block without headers, white space and escaped line ends. */
function keyMaterial(block: string): string {
  return block
    .replace(/\\[rn]/g, '\n')
    .split('\n')
    .filter((line) => /^[ \tA-Za-z0-9+/=\r]+$/.test(line))
    .join('')
    .replace(/[^A-Za-z0-9+/]/g, '');
}

function distinctCharacters(text: string): number {
  return new Set(text).size;
}
