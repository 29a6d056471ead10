import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { applyStrategy } from './strategies.ts';

/** What follows the instruction: the payload. A prompt without kept parts has no legend below it. */
function payloadOf(strategy: string, text: string, seed = 'seed'): string {
  const sent = applyStrategy(strategy, [{ kind: 'prose', text }], { seed });
  return sent.slice(sent.indexOf('\n\n') + 2);
}

const bytesFrom = (digits: string, radix: number): string =>
  Buffer.from(
    digits
      .split(' ')
      .filter(Boolean)
      .map((byte) => Number.parseInt(byte, radix)),
  ).toString('utf8');
const rotate = (text: string, shift: (index: number) => number): string => {
  let letters = 0;
  return text.replace(/[a-z]/gi, (letter) => {
    const first = letter < 'a' ? 65 : 97;
    const place = letter.charCodeAt(0) - first - shift(letters);
    letters += 1;
    return String.fromCharCode(first + (((place % 26) + 26) % 26));
  });
};
const hidden = (text: string): readonly number[] => Array.from(text, (character) => character.codePointAt(0) ?? 0).slice(1);

const decoders: Readonly<Record<string, (payload: string) => string>> = {
  base64: (payload) => Buffer.from(payload, 'base64').toString('utf8'),
  base32: decodeBase32,
  hex: (payload) => bytesFrom(payload, 16),
  binary: (payload) => bytesFrom(payload, 2),
  decimal: (payload) => bytesFrom(payload, 10),
  percent: (payload) => decodeURIComponent(payload),
  'html-entities': (payload) =>
    payload.replace(/&#x([0-9a-f]+);/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16))),
  'unicode-escape': (payload) => JSON.parse(`"${payload}"`) as string,
  rot13: (payload) => rotate(payload, () => 13),
  atbash: (payload) => payload.replace(/[a-z]/gi, (letter) => String.fromCharCode((letter < 'a' ? 155 : 219) - letter.charCodeAt(0))),
  flip: (payload) => Array.from(payload).toReversed().join(''),
  'rail-fence': (payload) => {
    const characters = [...payload];
    const half = Math.ceil(characters.length / 2);
    return characters.map((_, index) => characters[index % 2 === 0 ? index / 2 : half + (index - 1) / 2] ?? '').join('');
  },
  'unicode-tags': (payload) =>
    String.fromCodePoint(...hidden(payload).map((point) => (point >= 0xe0000 && point < 0xe0080 ? point - 0xe0000 : point))),
  'variation-selector': (payload) =>
    Buffer.from(hidden(payload).map((point) => (point < 0xe0000 ? point - 0xfe00 : point - 0xe0100 + 16))).toString('utf8'),
  'sneaky-bits': (payload) => {
    const bits = hidden(payload)
      .map((point) => (point === 0x2064 ? '1' : '0'))
      .join('');
    return bytesFrom(bits.replace(/.{8}/g, '$& '), 2);
  },
};

function decodeBase32(payload: string): string {
  const bits = Array.from(payload.replace(/=+$/, ''), (sign) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0'),
  ).join('');
  return bytesFrom((bits.match(/.{8}/g) ?? []).join(' '), 2);
}

describe.each(Object.entries(decoders))('%s', (strategy, decode) => {
  it('can be read back, byte for byte', () => {
    // Tag characters in the text itself are what the strategy is made of.
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }).filter((value) => !/[\u{e0000}-\u{e007f}]/u.test(value));
    fc.assert(
      fc.property(text, (value) => {
        expect(decode(payloadOf(strategy, value))).toBe(value);
      }),
      { numRuns: 60 },
    );
  });
});

describe('ciphers with a key', () => {
  const text = fc.string({ unit: 'grapheme-ascii', minLength: 1 });

  it('tell the shift of a Caesar cipher', () => {
    fc.assert(
      fc.property(text, fc.string(), (value, seed) => {
        const shift = Number(/shift (\d+)/.exec(applyStrategy('caesar', [{ kind: 'prose', text: 'x' }], { seed }))?.[1]);
        expect(rotate(payloadOf('caesar', value, seed), () => shift)).toBe(value);
      }),
    );
  });

  it('tell the key of a Vigenère cipher', () => {
    fc.assert(
      fc.property(text, fc.string(), (value, seed) => {
        const key = /the key ([A-Z]+)/.exec(applyStrategy('vigenere', [{ kind: 'prose', text: 'x' }], { seed }))?.[1] ?? '';
        expect(rotate(payloadOf('vigenere', value, seed), (index) => key.charCodeAt(index % key.length) - 65)).toBe(value);
      }),
    );
  });
});

describe('signals', () => {
  it('spell letters and digits, and leave signs that they do not know', () => {
    expect(payloadOf('morse', 'SOS now 1')).toBe('... --- ... / -. --- .-- / .----');
    expect(payloadOf('spelling-alphabet', 'Go 7 §')).toBe('Golf Oscar / Seven / §');
    expect(payloadOf('tap-code', 'ab k')).toBe('1,1 1,2 / 1,3');
  });
});

describe('names in an encoded prompt', () => {
  it('are none that the prompt uses itself', () => {
    const sent = applyStrategy(
      'base64',
      [
        { kind: 'prose', text: 'K1 and K2: ' },
        { kind: 'kept', text: 'TOKEN' },
      ],
      { seed: '' },
    );
    expect(sent).toContain('K3 stands for: TOKEN');
    expect(Buffer.from(sent.split('\n')[2] ?? '', 'base64').toString()).toBe('K1 and K2: K3');
  });

  it('are the same for the same value', () => {
    const twice = applyStrategy(
      'hex',
      [
        { kind: 'kept', text: 'T' },
        { kind: 'prose', text: '-' },
        { kind: 'kept', text: 'T' },
      ],
      { seed: '' },
    );
    expect(twice.match(/stands for/g)).toHaveLength(1);
  });
});
