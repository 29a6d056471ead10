import { describe, expect, it } from 'vitest';

import { idPattern, idPrefixes, type IdKind } from '../domain/ids.ts';
import { newId } from './new-id.ts';

describe('newId', () => {
  it('makes ids that match the pattern of their kind', () => {
    for (const kind of Object.keys(idPrefixes) as IdKind[]) {
      expect(newId(kind)).toMatch(new RegExp(idPattern(kind)));
    }
  });

  it('never repeats, and sorts by time of creation', async () => {
    const early = Array.from({ length: 1_000 }, () => newId('run'));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const late = newId('run');
    expect(new Set(early).size).toBe(1_000);
    expect(early.every((id) => id < late)).toBe(true);
  });
});
