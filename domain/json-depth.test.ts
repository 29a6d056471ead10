import { describe, expect, it } from 'vitest';

import { isJsonTooDeep } from './json-depth.ts';

describe('isJsonTooDeep', () => {
  it('counts arrays and objects together', () => {
    expect(isJsonTooDeep('['.repeat(64) + ']'.repeat(64))).toBe(false);
    expect(isJsonTooDeep('['.repeat(65) + ']'.repeat(65))).toBe(true);
    expect(isJsonTooDeep('{"a":'.repeat(65) + '1' + '}'.repeat(65))).toBe(true);
  });

  it('does not count brackets in strings, nor siblings', () => {
    expect(isJsonTooDeep(JSON.stringify({ a: '['.repeat(500), b: '\\"[[' }))).toBe(false);
    expect(isJsonTooDeep(JSON.stringify(Array.from({ length: 500 }, () => [])))).toBe(false);
  });

  it('sees depth in text that is not valid JSON', () => {
    expect(isJsonTooDeep('['.repeat(1_000_000))).toBe(true);
  });
});
