import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { locateJsonError } from './locate-json-error.ts';

describe('locateJsonError', () => {
  const table: [string, number][] = [
    ['', 0],
    ['{', 1],
    ['{"name": }', 9],
    ['{"name": "x"', 12],
    ['{"name" "x"}', 8],
    ["{'name': 1}", 1],
    ['{"a": 1,}', 8],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['{"a": tru}', 6],
    ['{"a": 01}', 7],
    ['{"a": "x\ny"}', 8],
    ['{"a": "\\x"}', 7],
    ['{} {}', 3],
    ['nope', 0],
  ];
  it.each(table)('finds where %j goes wrong', (text, at) => {
    expect(locateJsonError(text)).toBe(at);
  });

  it('reads every valid text to its end', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(locateJsonError(text)).toBe(text.length);
      }),
    );
  });

  it('finds a place in every text that JSON.parse refuses', () => {
    const broken = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', '"', '}', ',', '\\', '\u0001')).map(([text, at, put]) => {
      const index = at % (text.length + 1);
      return text.slice(0, index) + put + text.slice(index + 1);
    });
    fc.assert(
      fc.property(broken, (text) => {
        const at = locateJsonError(text);
        expect(at).toBeLessThanOrEqual(text.length);
        expect(isJson(text) && at !== text.length).toBe(false);
      }),
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
