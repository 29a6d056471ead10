import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { analyseText } from './sentences.ts';

const wordsOf = (text: string): readonly (readonly string[])[] => analyseText(text).sentences.map((sentence) => sentence.words);

describe('analyseText', () => {
  it('ends a sentence at its mark or at the end of the line, and not inside a number', () => {
    expect(wordsOf('It costs 3.50 euros. Pay now!\nThank you')).toEqual([
      ['it', 'costs', '3', '50', 'euros'],
      ['pay', 'now'],
      ['thank', 'you'],
    ]);
  });

  it.each([
    ["I can't", ['i', 'can', 'not']],
    ['I won’t', ['i', 'will', 'not']],
    ["it's", ['it', 'is']],
    ["Bob's", ['bob']],
    ['cannot', ['can', 'not']],
    ["they're", ['they', 'are']],
  ])('opens the contraction in %s', (text, words) => {
    expect(wordsOf(text)).toEqual([words]);
  });

  it.each(['I cannot recommend it enough', "I can't wait to start", 'I could not help but smile'])(
    'drops a negation that denies nothing: %s',
    (text) => {
      expect(wordsOf(text).flat()).not.toContain('not');
    },
  );

  it('keeps the speech of others apart from what the speaker says', () => {
    const [sentence] = analyseText('He said "I cannot help you" and left.').sentences;
    expect(sentence).toMatchObject({
      words: ['he', 'said', 'and', 'left'],
      quotedWords: ['i', 'can', 'not', 'help', 'you'],
      isQuoted: false,
    });
  });

  it('takes a word or two in quotation marks for a term', () => {
    expect(wordsOf('It was not "right" at all')).toEqual([['it', 'was', 'not', 'right', 'at', 'all']]);
  });

  it('knows the items of a list and drops their markers', () => {
    const { sentences } = analyseText('Do this:\n1. Open it.\n- close it\nEnd');
    expect(sentences.map(({ words, isListItem }) => [words.join(' '), isListItem])).toEqual([
      ['do this', false],
      ['open it', true],
      ['close it', true],
      ['end', false],
    ]);
  });

  it('reads the head and the tail of a very long text', () => {
    const { sentences } = analyseText(`first ${'. x'.repeat(20_000)}. last`);
    expect(sentences[0]?.words).toEqual(['first']);
    expect(sentences.at(-1)?.words).toEqual(['last']);
  });

  it('places every sentence inside the text, in order and without overlap', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        let end = 0;
        for (const sentence of analyseText(text).sentences) {
          expect(sentence.start).toBeGreaterThanOrEqual(end);
          expect(sentence.end).toBeGreaterThan(sentence.start);
          end = sentence.end;
        }
        expect(end).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
