import { describe, expect, it } from 'vitest';

import { nameSchema, wordsSchema } from './text.ts';

const nothingToSee = ['', '  ', '\u200B', ' \u200B\u2060\uFEFF ', '\u202E', '\u3164', '\u{E0041}'];
const seen = ['x', ' x ', '👩‍🚀', '测试', '\u202Eevil', '7'];

describe('text by people', () => {
  it.each(nothingToSee)('is blank when nothing of it can be seen: %j', (text) => {
    expect(nameSchema.safeParse(text).error?.issues[0]?.message).toBe('must not be blank');
    expect(wordsSchema('must say why').safeParse(text).error?.issues[0]?.message).toBe('must say why');
  });

  it.each(seen)('is taken when something can be seen, without what surrounds it: %j', (text) => {
    expect(nameSchema.parse(text)).toBe(text.trim());
    expect(wordsSchema('must say why').parse(text)).toBe(text.trim());
  });
});
