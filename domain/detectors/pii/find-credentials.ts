import type { PiiMatch, PiiType } from './pii-type.ts';

interface CredentialRule {
  readonly type: PiiType;
  /** Global, with the datum in whichever group took part; bounded in every repeat. */
  readonly pattern: RegExp;
  readonly confidence: number;
}

const assign = String.raw`["']?[ \t]{0,3}(?::=|=>|[:=])[ \t]{0,3}`;

const rules: readonly CredentialRule[] = [
  {
    type: 'api_key',
    pattern:
      /(?<![\w-])((?:sk|pk|rk)-[\w-]{16,200}|gh[pousr]_\w{30,255}|AKIA[A-Z2-7]{16}|xox[abprs]-[\w-]{10,200}|AIza[\w-]{35})(?![\w-])/g,
    confidence: 0.9,
  },
  {
    type: 'api_key',
    pattern: new RegExp(
      String.raw`(?:api[_-]?key|access[_-]?key|api[_-]?token|auth[_-]?token|secret[_-]?key)${assign}["']((?=[\w-]{0,40}\d)[\w.-]{16,200})["']`,
      'gi',
    ),
    confidence: 0.8,
  },
  {
    type: 'password',
    pattern: new RegExp(String.raw`(?:passwords?|passwd|pwd|pass|passphrase)${assign}(?:"([^"\s]{4,128})"|'([^'\s]{4,128})')`, 'gi'),
    confidence: 0.85,
  },
  { type: 'password', pattern: /\bIDENTIFIED BY '([^'\s]{4,128})'/gi, confidence: 0.85 },
  {
    type: 'username',
    pattern: new RegExp(String.raw`(?:user[_-]?name|db[_-]?user|(?<![a-z0-9])user|login)${assign}["']([\w.-]{2,64})["']`, 'gi'),
    confidence: 0.7,
  },
  { type: 'username', pattern: /\b(?:CREATE USER|ALTER USER|DROP USER|ON [\w.*]{1,60} TO) '([\w.-]{2,64})'/gi, confidence: 0.7 },
];

/** Finds keys, passwords and account names where a label or a provider's prefix says what they are. */
export function findCredentials(text: string): PiiMatch[] {
  const matches: PiiMatch[] = [];
  for (const rule of rules) {
    for (const match of text.matchAll(rule.pattern)) {
      const value = match[1] ?? match[2];
      if (value === undefined) continue;
      const start = match.index + match[0].lastIndexOf(value);
      matches.push({ type: rule.type, start, end: start + value.length, confidence: rule.confidence });
    }
  }
  return matches;
}
