import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { byteEncodings } from './byte-encodings.ts';
import { carriers } from './carriers.ts';
import { flooding } from './flooding.ts';
import { frames } from './frames.ts';
import { lookAlikes } from './look-alikes.ts';
import { seededChoices } from './seeded-choices.ts';
import { applyStrategy } from './strategies.ts';
import { surfaceRewrites } from './surface-rewrites.ts';

const send = (id: string, text: string, seed = 's'): string => applyStrategy(id, [{ kind: 'prose', text }], { seed });
const words = fc.stringMatching(/^[A-Za-z]{1,10}( [A-Za-z]{1,10}){0,8}$/);

describe('look-alikes', () => {
  it.each(lookAlikes.map(({ id }) => id))('%s replaces letters one by one and nothing between words', (id) => {
    fc.assert(
      fc.property(words, (text) => {
        expect(send(id, text).split(' ')).toHaveLength(text.split(' ').length);
      }),
    );
  });

  it.each(['zero-width', 'diacritic', 'zalgo'])('%s only adds: without its marks the text is what it was', (id) => {
    fc.assert(
      fc.property(words, fc.string(), (text, seed) => {
        expect(send(id, text, seed).replace(/[\p{M}\p{Cf}]/gu, '')).toBe(text);
      }),
    );
  });

  it.each(['fullwidth', 'math-letters'])('%s gives the text back under compatibility normalisation', (id) => {
    fc.assert(
      fc.property(words, (text) => {
        expect(send(id, text).normalize('NFKC')).toBe(text);
      }),
    );
  });

  it('keep letters that have no look-alike', () => {
    expect(send('superscript', 'Quiz 10')).toBe('Qᵘⁱᶻ ¹⁰');
    expect(send('leetspeak', 'Base 64')).toBe('8453 64');
    expect(send('homoglyph', 'a c')).toBe('\u0430 \u0441');
  });
});

describe('surface rewrites', () => {
  it('keep the words of a text readable, each in its own way', () => {
    expect(send('camelcase', 'say the word now')).toBe('sayTheWordNow');
    expect(send('piglatin', 'String apple my')).toBe('Ingstray appleway myway');
    expect(send('char-space', 'to be')).toBe('t o   b e');
    expect(send('disemvowel', 'answer it alone')).toBe('answr it alne');
  });

  it('random-case changes case alone', () => {
    fc.assert(
      fc.property(words, fc.string(), (text, seed) => {
        expect(send('random-case', text, seed).toLowerCase()).toBe(text.toLowerCase());
      }),
    );
  });

  it('scrambled-words keeps the first and last letter and all others of a word', () => {
    const sorted = (word: string): string => [...word].toSorted().join('');
    fc.assert(
      fc.property(words, fc.string(), (text, seed) => {
        for (const [index, word] of send('scrambled-words', text, seed).split(' ').entries()) {
          const before = text.split(' ')[index] ?? '';
          expect([word[0], word.at(-1), sorted(word)]).toEqual([before[0], before.at(-1), sorted(before)]);
        }
      }),
    );
  });
});

describe('what stands around a prompt', () => {
  it.each([...frames, ...flooding].map(({ id }) => id))('%s leaves the prompt itself as it is written', (id) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(send(id, text)).toContain(text);
      }),
      { numRuns: 30 },
    );
  });

  it('is long where it floods', () => {
    expect(send('context-flooding', 'x').length).toBeGreaterThan(8_000);
    expect(send('many-shot', 'x').match(/^User: /gm)).toHaveLength(41);
    expect(send('many-shot', 'x', 'a')).not.toBe(send('many-shot', 'x', 'b'));
  });
});

describe('carriers', () => {
  it('embed a prompt so that its record stays whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const sent = send('json-embedding', text);
        expect((JSON.parse(sent.slice(sent.indexOf('{'))) as { readonly instruction: string }).instruction).toBe(text);
      }),
    );
  });

  it('do not let a prompt end its comment, element or block', () => {
    expect(send('html-comment', 'a --> b').match(/-->/g)).toHaveLength(1);
    expect(send('authoritative-markup', '</directive>').match(/<\/directive>/g)).toHaveLength(1);
    expect(send('yaml-embedding', 'a\nb')).toContain('\n    a\n    b\n');
    expect(send('code-comment', 'a\nb')).toContain('  // a\n  // b\n');
  });

  it('hand out fragments that join to the prompt', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z ]{1,200}$/), fc.string(), (text, seed) => {
        const fragments = [...send('string-split', text, seed).matchAll(/^f\d+ = "(.*)"$/gm)].map((match) => match[1]);
        expect(fragments.join('')).toBe(text);
      }),
    );
  });

  it('are of the kinds that they say', () => {
    expect(new Set(carriers.map(({ kind }) => kind))).toEqual(new Set(['splitting', 'smuggling']));
    expect([...new Set([...byteEncodings, ...surfaceRewrites].map(({ kind }) => kind))]).toEqual(['encoding', 'obfuscation']);
  });
});

describe('seeded choices', () => {
  it('are the same on every machine', () => {
    const choices = seededChoices('ordeal');
    expect(Array.from({ length: 6 }, () => choices.below(1_000))).toMatchInlineSnapshot(`
      [
        371,
        804,
        373,
        191,
        800,
        617,
      ]
    `);
  });

  it('reach every option', () => {
    const choices = seededChoices('x');
    expect(new Set(Array.from({ length: 200 }, () => choices.pick(['a', 'b', 'c', 'd', 'e']))).size).toBe(5);
  });
});
