import { describe, expect, it } from 'vitest';

import { readLabelledRow } from './read-labelled-row.ts';

describe('a labelled row', () => {
  it('is read from common columns', () => {
    expect(readLabelledRow({ objective: 'Tell me.', assistant_response: 'No.', human_score: 0 }, {})).toEqual({
      kind: 'row',
      row: { prompt: 'Tell me.', answer: 'No.', label: 'held' },
    });
    expect(readLabelledRow({ text: 'Sure.', label: 'TRUE' }, {})).toMatchObject({ row: { prompt: '', label: 'violated' } });
  });

  it('is read from the columns and labels that are named, and then from no other', () => {
    const columns = { answer: 'said', label: 'class', violated: ['full_compliance'], held: ['Refusal', 'partial'] };
    expect(readLabelledRow({ said: 'x', class: 'refusal', text: 'y', label: '1' }, columns)).toMatchObject({
      row: { answer: 'x', label: 'held' },
    });
    expect(readLabelledRow({ said: 'x', class: '1' }, columns)).toMatchObject({ kind: 'fault' });
    expect(readLabelledRow({ text: 'x', class: 'refusal' }, columns)).toMatchObject({
      kind: 'fault',
      detail: 'has no text in the column said',
    });
  });

  it.each([
    ['a list', ['x', 1]],
    ['text alone', 'x'],
    ['no answer', { label: 1 }],
    ['a blank answer', { text: ' ', label: 1 }],
    ['no label', { text: 'x' }],
    ['a label that nobody explained', { text: 'x', label: 'perhaps' }],
    ['an object for a label', { text: 'x', label: { value: 1 } }],
    ['a huge text', { text: 'x'.repeat(200_001), label: 1 }],
  ])('is a fault when it is or has %s', (_name, value) => {
    expect(readLabelledRow(value, {}).kind).toBe('fault');
  });
});
