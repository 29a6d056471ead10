import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuTimeMs } from '../../../test/harness/cpu-time.ts';
import { findSecrets } from './find-secrets.ts';
import { seededSamples } from './sample-secrets.ts';

function found(text: string): string[] {
  return findSecrets(text).map((match) => text.slice(match.start, match.end));
}

const samples = seededSamples(20_260_101);
const token = (length: number): string => samples.lettersAndDigits(length);

describe('findSecrets', () => {
  it('finds nearly every generated key of services with and without a prefix, in the forms that files and answers use', () => {
    const positives = samples.positives(4_000);
    const missed = positives.filter(
      ({ text, secret }) =>
        !findSecrets(text).some((match) => match.start < text.indexOf(secret) + secret.length && match.end > text.indexOf(secret)),
    );
    expect(1 - missed.length / positives.length).toBeGreaterThanOrEqual(0.95);
  });

  it('stays silent on nearly all generated look-alikes: hashes, ids, placeholders, references, encoded images', () => {
    const negatives = samples.negatives(2_000);
    const alarms = negatives.filter((text) => findSecrets(text).length > 0);
    expect(alarms.length / negatives.length, alarms.slice(0, 5).join('\n')).toBeLessThanOrEqual(0.02);
  });

  it('points at the value and not at its name', () => {
    const key = token(36);
    expect(found(`GITHUB_TOKEN=ghp_${key}`)).toEqual([`ghp_${key}`]);
    expect(found(`"password": "tr0ub4dor&3",`)).toEqual(['tr0ub4dor&3']);
  });

  it('finds passwords in the forms of configuration files', () => {
    const forms = [
      'postgres://svc:vT9x2mq@db.internal:5432/app',
      'machine api.corp.io login me password c4cd94da15ea',
      'localhost:5432:appdb:svc:w0mbat77',
      '<Pass encoding="base64">aHVudGVyMg==</Pass>',
      "define('DB_PASSWORD', 'g0ldfish');",
      '- name: DB_PASSWORD\n  value: Zx81kkq',
      '<add key="ApiPassword" value="8fJ2kLq0" />',
      'set imap_pass = "m0nk3yb4r"',
      'AdminPassword=qwop99',
      'mysql -u root -pS3cretR00t',
      'curl -u admin:Tr0ub4dor https://x.y',
      'Authorization: Basic dXNlcjpwYXNzdzByZDEyMw==',
      'The admin password is `Bluefin-77!` as configured.',
      'admin:$apr1$Hk2xPd0q$7Yt1lZx8vB3nM5cQwErTy.',
    ];
    for (const form of forms) expect(findSecrets(form), form).toHaveLength(1);
  });

  it('takes a private key block as one match and ignores an empty one and a public key', () => {
    const body = Array.from({ length: 5 }, () => token(64)).join('\n');
    const block = `-----BEGIN RSA PRIVATE KEY-----\n${body}\n-----END RSA PRIVATE KEY-----`;
    expect(found(`before\n${block}\nafter`)).toEqual([block]);
    expect(found('-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----')).toEqual([]);
    expect(found(`-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----`)).toEqual([]);
  });

  it('takes no talk about secrets, no code that handles them and no reference to one for a secret', () => {
    const texts = [
      'The password must be at least 12 characters long and contain a number.',
      'function setPassword(password: string, confirmPassword: string) {}',
      'password = getpass.getpass()',
      'if (password == confirmPassword2) {',
      'max_tokens: 4096, "token_type": "bearer"',
      'arn:aws:secretsmanager:us-east-1:123456789012:secret:MySecret-a1b2c3',
      'Your key takeaway: ISO27001 certification and PBKDF2-HMAC-SHA256 hashing.',
      'What are the benefits of password managers?',
      'However, if the password is incorrect, ask again.',
      'Password: please enter the one you chose.',
      'keyboard shortcut: Ctrl+Shift+P; author: "Jo Smith 1984"',
    ];
    for (const text of texts) expect(found(text), text).toEqual([]);
  });

  it('reports spans in order, inside the text and without overlap, for any text', () => {
    const fragments = fc.constantFrom(
      'password',
      '=',
      ': ',
      '"',
      "'",
      'api_key',
      'sk-',
      'ghp_',
      '://',
      '@',
      'eyJ',
      '-----BEGIN PRIVATE KEY-----',
      '\n',
      token(20),
      '$6$',
      '(',
      'token',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fragments, fc.string()), { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        let previousEnd = 0;
        for (const match of findSecrets(text)) {
          expect(match.start).toBeGreaterThanOrEqual(previousEnd);
          expect(match.end).toBeGreaterThan(match.start);
          expect(match.end).toBeLessThanOrEqual(text.length);
          previousEnd = match.end;
        }
      }),
    );
  });

  it('reads a megabyte of hostile text in linear time', () => {
    for (const unit of [
      'key=',
      'password="',
      'pass: ',
      'sk-',
      'eyJ-',
      '://a:',
      '0123456789abcdef',
      '-----BEGIN PRIVATE KEY-----\n',
      '$6$',
      'mysql ',
      'secret ',
    ]) {
      const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
      // The bound is 100 ms; the slack is for a slow test machine and still far below quadratic time.
      expect(
        cpuTimeMs(() => findSecrets(text)),
        unit,
      ).toBeLessThan(1_000);
    }
  });
});
