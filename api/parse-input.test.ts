import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { OrdealError } from '../domain/failures.ts';
import { parseInput } from './parse-input.ts';

const body = z.strictObject({
  level: z.enum(['urgent', 'normal']),
  many: z.int().min(1).max(10),
  list: z.array(z.string()).min(1),
  text: z.string().min(3),
  at: z.iso.datetime({ offset: true }),
  own: z.int().min(5, 'must be five or more'),
});
const good = { level: 'urgent', many: 1, list: ['x'], text: 'abc', at: '2026-11-21T00:00:00Z', own: 5 };

function faultsOf(json: unknown): readonly string[] {
  try {
    parseInput({ path: '/', input: { body } }, { params: {}, query: {}, headers: {}, body: { bytes: Buffer.alloc(0), json } });
    return [];
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    return (error.issues ?? []).map(({ field, message }) => `${field} ${message}`);
  }
}

describe('what is wrong with a request', () => {
  it.each([
    [{}, []],
    [{ level: 'high' }, ['level must be one of urgent, normal']],
    [{ many: 0 }, ['many must be at least 1']],
    [{ many: 11 }, ['many must be at most 10']],
    [{ many: 1.5 }, ['many must be a whole number']],
    [{ list: [] }, ['list must have at least 1 entries']],
    [{ text: 'ab' }, ['text must have at least 3 characters']],
    [{ at: 'noon' }, ['at must be a time such as 2026-11-21T04:50:00Z']],
    [{ own: 1 }, ['own must be five or more']],
    [{ own: undefined }, ['own is required']],
  ])('is said as a sentence about the field: %j', (change, faults) => {
    expect(faultsOf({ ...good, ...change })).toEqual(faults);
  });
});
