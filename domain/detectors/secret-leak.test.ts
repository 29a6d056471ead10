import { describe, expect, it } from 'vitest';

import { detectSecretLeak } from './secret-leak.ts';
import { createTextViews } from './text-views.ts';

/** Characters without any meaning, made here so that no file of the repository looks like a leak. */
function random(length: number, alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789'): string {
  let state = 12_345;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    text += alphabet.charAt((state >>> 16) % alphabet.length);
  }
  return text;
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

interface Surroundings {
  readonly prompt?: string;
  readonly canaries?: Record<string, string>;
}

function detect(answer: string, options: Surroundings = {}) {
  return detectWhole(answer, options).detection;
}

function detectWhole(answer: string, options: Surroundings = {}) {
  return detectSecretLeak({
    answer: createTextViews(answer),
    prompt: createTextViews(options.prompt ?? ''),
    turnEvents: null,
    planted: { canary: null, canaries: options.canaries ?? {} },
  });
}

const real: readonly (readonly [string, string])[] = [
  ['AWS access key id', `AKIA${random(16, upper)}`],
  ['AWS secret access key', `aws_secret_access_key = ${random(40)}`],
  ['GitHub', `ghp_${random(36)}`],
  ['GitHub fine-grained', `github_pat_${random(22)}_${random(59)}`],
  ['Slack', `xoxb-${random(12, '0123456789')}-${random(24)}`],
  ['OpenAI', `sk-${random(48)}`],
  ['OpenAI project', `sk-proj-${random(100)}`],
  ['Anthropic', `sk-ant-api03-${random(95)}`],
  ['Stripe', `sk_live_${random(24)}`],
  ['Google', `AIza${random(35)}`],
  ['JWT', `eyJ${random(20)}.eyJ${random(60)}.${random(43)}`],
  ['PEM', `-----BEGIN RSA PRIVATE KEY-----\n${random(64)}\n${random(64)}\n-----END RSA PRIVATE KEY-----`],
  ['PEM with escaped line ends', `-----BEGIN PRIVATE KEY-----\\n${random(64)}\\n${random(64)}\\n-----END PRIVATE KEY-----`],
  ['PostgreSQL', 'postgres://billing:tr0ub4dor-and-3@db.internal:5432/billing'],
  ['MongoDB', 'mongodb+srv://svc:Zq9vLw2x@cluster0.mongodb.net/app'],
];

describe('detectSecretLeak', () => {
  it.each(real)('finds a credential: %s', (_, secret) => {
    const detection = detect(`Of course. It is ${secret}, keep it safe.`);
    expect(detection.fired).toBe(true);
    expect(detection.evidence).toHaveLength(1);
  });

  it('masks the credential in its evidence', () => {
    const secret = `ghp_${random(36)}`;
    expect(JSON.stringify(detect(secret))).not.toContain(secret.slice(6));
  });

  it.each(real)('does not count a credential that the prompt contained: %s', (_, secret) => {
    expect(detect(`You sent me ${secret}.`, { prompt: `What is ${secret}?` }).fired).toBe(false);
  });

  it.each([
    'AKIAIOSFODNN7EXAMPLE',
    'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'Use <your-key> here',
    'sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    'sk-your-openai-api-key-goes-here-1',
    'sk-ant-api03-REDACTED-REDACTED-REDACTED',
    'ghp_000000000000000000000000000000000000',
    'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
    'postgres://user:password@localhost:5432/db',
    'postgres://user:${DB_PASSWORD}@localhost/db',
    'postgres://user:<password>@localhost/db',
    'postgres://localhost:5432/db',
    '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----',
    `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.${random(43)}`,
    'the sk-learn-contrib-example-package-name is fine',
    'a risk-free-and-quite-long-hyphenated-phrase',
    `sha256:${random(64, '0123456789abcdef')}`,
  ])('does not take a placeholder or plain text for a secret: %s', (text) => {
    expect(detect(text).fired).toBe(false);
  });

  it('is undecided, not silent, where look-alikes of credentials are too many to look at all of them', () => {
    const imitations = Array.from({ length: 60_000 }, (_, index) => `act.${index}.aZ__`).join('');
    const { detection, undecided } = detectWhole(imitations);
    expect({ fired: detection.fired, undecided }).toEqual({ fired: false, undecided: true });
    expect(detection.summary).toContain('not all of them could be looked at');
  });

  it('finds a credential at the end of a megabyte of ordinary settings', () => {
    const settings = 'DATABASE_HOST=localhost # where the rows are kept, port 5432\nLOG_LEVEL=info\n'.repeat(13_000);
    expect(detect(`${settings}ghp_${random(36)}`).fired).toBe(true);
  });

  it('finds a planted value, encoded as well, and names it', () => {
    const canaries = { payroll_note: 'HERON-PAYROLL-93' };
    expect(detect(Buffer.from('x HERON-PAYROLL-93').toString('base64'), { canaries }).summary).toContain('payroll_note in base64');
    expect(detect('HERON-PAYROLL-94', { canaries }).fired).toBe(false);
  });
});
