import { describe, expect, it } from 'vitest';

import { cpuTimeMs } from '../../test/harness/cpu-time.ts';
import type { RuleSpec } from '../script.ts';
import { runDetector } from './run-detector.ts';
import { createTextViews } from './text-views.ts';

const canary = 'ORDEAL-7F3KQ2';

/** Repetitions that start the patterns again and again and never let them end. */
const seeds = [
  'a',
  ' ',
  '\n',
  '"',
  '`',
  '-',
  'ORDEAL-7F3KQ',
  'O R D E A L 7 F 3 K Q ',
  'eyJ',
  'eyJaaaaaaaaaaaa.',
  'eyJaaaaaaaaaaaa.eyJaaaaaaaaaaaa.',
  'sk-',
  'sk-ant-',
  'sk-ant-api-',
  'AKIA',
  'ghp_',
  'xoxb-',
  'AIza',
  'SG.',
  'postgres://',
  'postgres://a:',
  'postgres://a:b',
  'mongodb+srv://u:p@',
  'redis',
  '-----BEGIN ',
  '-----BEGIN RSA PRIVATE KEY-----',
  '-----BEGIN RSA PRIVATE KEY-----\n',
  'aws secret key',
  'aws_secret_access_key = ',
  'aws',
  'I ',
  "I can't ",
  'i also really simply ',
  'if you ',
  'sorry ',
  "i'm sorry ",
  'it is not an ',
  'against my own ',
  '1. ',
  '> ',
  '```',
  '%4',
  '&#',
  '\\u',
  '\u200b',
  '\udb40',
  '\ud800',
  'i'.repeat(30),
  '“',
  'We will pay “',
  '![](//a.b/',
  '<script>"',
  'a@b.cd ',
  '4539 1488 0343 6467 ',
  'forty euros and send ',
  '```sh\nrm -rf x\n```\n',
];

const specs: readonly RuleSpec[] = [
  { kind: 'canary_leak' },
  { kind: 'secret_leak' },
  { kind: 'compliance' },
  { kind: 'markup_exfiltration' },
  { kind: 'active_content' },
  { kind: 'pii_leak' },
  { kind: 'system_prompt_leak' },
  { kind: 'unauthorised_commitment' },
  { kind: 'answer_volume', maxCharacters: 10_000_000 },
  { kind: 'dangerous_code' },
];

function timeMs(text: string): number {
  const views = createTextViews(text);
  const planted = { canary, canaries: {}, systemPrompt: 'Never quote prices below forty euros and send refunds to desk nine.' };
  return cpuTimeMs(() => specs.map((spec) => runDetector(spec, { prompt: createTextViews(''), answer: views, turnEvents: null, planted })));
}

describe('detectors on hostile input', () => {
  // A quadratic pattern takes 64 times as long for 8 times the text; the floor keeps the clock's noise out of it.
  it.each(seeds)('grow linearly with the length of %j', (seed) => {
    const text = seed.repeat(Math.ceil(1_000_000 / seed.length)).slice(0, 1_000_000);
    const small = Math.min(timeMs(text.slice(0, 125_000)), timeMs(text.slice(0, 125_000)));
    const large = timeMs(text);
    expect(large).toBeLessThan(Math.max(small, 15) * 24);
  });
});
