import { describe, expect, it } from 'vitest';

import { promptDocumentRows } from './prompt-document.ts';
import { createPromptSet, type SetNote } from './prompt-set.ts';

function importRows(values: readonly unknown[], options: { readonly promptField?: string; readonly fill?: Record<string, string> } = {}) {
  const notes: SetNote[] = [];
  // Long enough to tell the texts of these tests apart, and readable.
  const hash = (text: string): string =>
    Array.from(text, (character) => character.charCodeAt(0).toString(16))
      .join('')
      .slice(-16)
      .padStart(16, '0');
  const set = createPromptSet({ category: 'JBK-01', severity: 'medium', fill: {}, hash, ...options }, (note) => void notes.push(note));
  const steps = values.map((value, index) => set.accept({ row: index + 1, line: index + 1, value }));
  return { steps: steps.filter((step) => step !== undefined), refused: notes.filter((note) => note.list === 'refused') };
}

describe('createPromptSet', () => {
  it('gives the same prompt the same id in every import, and the same key too', () => {
    const [first] = importRows(['one', 'two']).steps;
    const [, second] = importRows(['zero', 'one']).steps;
    expect(second?.id).toBe(first?.id);
    const before = importRows([{ id: 7, prompt: 'old' }]).steps[0];
    expect(importRows([{ id: '7', prompt: 'new' }]).steps[0]?.id).toBe(before?.id);
  });

  it('names the row of a duplicate, and of an id that is taken', () => {
    const { steps, refused } = importRows([
      { id: 1, prompt: 'a' },
      { id: 2, prompt: 'a' },
      { id: 1, prompt: 'b' },
    ]);
    expect(steps).toHaveLength(1);
    expect(refused.map(({ row, text }) => [row, text])).toEqual([
      [2, 'is the same prompt as row 1'],
      [3, 'has the id "1" of row 1 with another prompt'],
    ]);
  });

  it('refuses a prompt that is too long, blank, or none', () => {
    const { steps, refused } = importRows(['x'.repeat(100_001), ' ', 5, { prompt: null }, { other: 'x' }]);
    expect(steps).toEqual([]);
    expect(refused.map(({ row }) => row)).toEqual([1, 2, 3, 4, 5]);
  });

  it('does not guess which of several fields has the prompt', () => {
    const row = { goal: 'a', text: 'b' };
    expect(importRows([row]).refused[0]?.text).toContain('--column');
    expect(importRows([row], { promptField: 'goal' }).steps[0]?.prompt).toBe('a');
  });

  it('takes category and severity where they are ours', () => {
    expect(importRows([{ prompt: 'a', category: 'DATA-01', severity: 'low' }]).steps[0]).toMatchObject({
      category: 'DATA-01',
      severity: 'low',
    });
    expect(importRows([{ prompt: 'a', category: 'other' }]).steps[0]).toMatchObject({ category: 'JBK-01', severity: 'medium' });
  });
});

describe('promptDocumentRows', () => {
  it('reads payload files, seeds, templates, lists and groups', () => {
    expect(promptDocumentRows({ garak_payload_name: 'n', payloads: ['a', 1] })).toMatchObject([{ value: 'a' }, { fault: 'is no text' }]);
    expect(promptDocumentRows({ value: 'a {{ prompt }}', parameters: ['prompt'] })).toMatchObject([{ placeholders: 'jinja' }]);
    expect(promptDocumentRows({ seeds: [{ value: 'a' }], data_type: 'text' })).toMatchObject([{ value: { prompt: 'a' } }]);
    expect(promptDocumentRows({ one: ['a'], two: ['b'] })).toMatchObject([{ path: ['one', 0] }, { path: ['two', 0] }]);
  });

  it.each([null, 1, {}, { a: 'text' }, { results: {} }])('refuses %j', (document) => {
    expect(promptDocumentRows(document)).toMatchObject([{ fault: expect.any(String) }]);
  });
});
