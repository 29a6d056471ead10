import { describe, expect, it } from 'vitest';

import { seededChoices } from '../../../domain/strategies/seeded-choices.ts';
import { samplePattern } from './sample-pattern.ts';

/** Without lookarounds, boundaries and negated classes, which a sample may miss. */
const patterns = [
  /^ab?c{2,4}(?:x|y|zz)+$/,
  /^[a-c_-]{3}\d{2}\s\w$/,
  /^(foo|bar)-\1$/,
  /^\u0041\x42\u{43}[^"]\.$/u,
  /^(?<name>\p{L}{2,5})[\]a]?$/u,
  /^(?:(?:a|b){2}|c){1,3}?$/,
];

describe('samplePattern', () => {
  it.each(patterns)('makes texts that %s accepts, the same ones for the same seed', (pattern) => {
    const choices = seededChoices(pattern.source);
    const again = seededChoices(pattern.source);
    for (let round = 0; round < 50; round += 1) {
      const sample = samplePattern(pattern.source, () => choices.below(1_000) / 1_000);
      expect(sample).toMatch(pattern);
      expect(samplePattern(pattern.source, () => again.below(1_000) / 1_000)).toBe(sample);
    }
  });

  it('passes over lookarounds and boundaries', () => {
    expect(samplePattern(String.raw`(?<!x)\b(?=a)a(?!b)$`, () => 0)).toBe('a');
  });
});
