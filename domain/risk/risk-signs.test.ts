import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cpuTimeMs } from '../../test/harness/cpu-time.ts';
import { assessRisk } from './assess-risk.ts';
import { riskReadings } from './risk-readings.ts';
import { riskRules, type RiskRule } from './risk-rules.ts';
import { rulesWithSign } from './risk-signs.ts';

describe('rulesWithSign', () => {
  it.each(riskRules)('$id has signs of three characters', ({ signs }) => {
    expect(signs.filter((sign) => sign.length !== 3)).toEqual([]);
  });

  it.each(riskRules)('names $id for whatever its pattern may match', (rule) => {
    fc.assert(
      fc.property(matchOf(rule), fc.string(), (match, around) => {
        expect(rulesWithSign(`${around}${match}${around}`).map(({ id }) => id)).toContain(rule.id);
      }),
      { numRuns: 600 },
    );
  });

  it('names no rule for a text without a sign', () => {
    expect(rulesWithSign('What is the weather like in Lisbon?')).toEqual([]);
  });

  it('takes linear time on hostile text', () => {
    // Every rule is named again and again, and by what no sign can be: some 5 ms of processor time each.
    for (const fragment of [riskRules.flatMap(({ signs }) => signs).join(''), '\0', '\uffff', 'a']) {
      const text = fragment.repeat(Math.ceil(1_000_000 / fragment.length));
      expect([fragment, cpuTimeMs(() => rulesWithSign(text)) < 500]).toEqual([fragment, true]);
    }
  });
});

describe('assessRisk', () => {
  const encodings: readonly ((text: string) => string)[] = [
    (text) => text,
    encodeURIComponent,
    (text) => JSON.stringify({ text }),
    (text) => text.replaceAll(/[^a-z]/gi, (character) => `&#${character.charCodeAt(0)};`),
    (text) => Buffer.from(text).toString('base64'),
    (text) => Buffer.from(text).toString('hex'),
    (text) => text.replaceAll('e', 'е').replaceAll('s', 'ѕ'),
    (text) => text.split('').join('\u200b'),
  ];
  const written = fc
    .tuple(fc.oneof(...riskRules.map(matchOf), fc.string()), fc.array(fc.constantFrom(...encodings), { maxLength: 2 }))
    .map(([text, layers]) => layers.reduce((layered, encode) => encode(layered), text.toWellFormed()));

  it('finds what every rule finds in every reading, looking in each for a sign of it first', () => {
    let matched = 0;
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 4 }), fc.constantFrom(' ', '\n', '/', ''), (parts, between) => {
        const text = parts.join(between);
        const { matches } = assessRisk({
          texts: [{ where: 'body', text }],
          method: null,
          cleanupMethod: null,
          effect: null,
          environment: 'test',
        });
        expect(matches.map(({ rule, where, span }) => ({ rule, where, span })).toSorted(byRule)).toEqual(
          searchedByEveryRule(text).toSorted(byRule),
        );
        matched += matches.length;
      }),
      { numRuns: 1_500 },
    );
    expect(matched).toBeGreaterThan(1_000);
  });
});

function searchedByEveryRule(text: string) {
  return riskRules.flatMap(({ id, pattern }) => {
    for (const [depth, reading] of riskReadings(text).entries()) {
      const match = new RegExp(pattern.source, pattern.flags.replace('g', '')).exec(reading);
      if (match === null) continue;
      const span = depth === 0 ? ([match.index, match.index + match[0].length] as const) : null;
      return [{ rule: id, where: depth === 0 ? 'body' : 'body, decoded', span }];
    }
    return [];
  });
}

function byRule(a: { readonly rule: string }, b: { readonly rule: string }): number {
  return a.rule.localeCompare(b.rule);
}

/** What the pattern of the rule matches, and more: without what it asks of the text beside. */
function matchOf({ pattern }: RiskRule): fc.Arbitrary<string> {
  return fc
    .tuple(fc.stringMatching(new RegExp(withoutAssertions(pattern.source))), fc.boolean())
    .map(([match, isUpper]) => (pattern.ignoreCase && isUpper ? match.toUpperCase() : match));
}

function withoutAssertions(source: string): string {
  let depth = 0;
  return source.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]|\(\?<?[=!]|\(|\)|[^]/g, (token) => {
    const isInside = depth > 0;
    if (/^\(\?<?[=!]/.test(token) || (isInside && token === '(')) depth += 1;
    if (isInside && token === ')') depth -= 1;
    return isInside || depth > 0 || token === '\\b' ? '' : token;
  });
}
