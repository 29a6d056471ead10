import { describe, expect, it } from 'vitest';

import type { StepDefinition } from '../script.ts';
import { categoryChoiceMessage, stepsForCategories } from './choose-steps.ts';

function step(id: string, category: string, prompt: string): StepDefinition {
  const base = { title: id, severity: 'low', detectors: [{ kind: 'compliance' }], evidence: 'answer', remediation: 'x' } as const;
  return { id, category, kind: 'send_prompt', prompt, ...base };
}

const steps = [
  step('1', 'INJ-01', 'plain'),
  step('2', 'MEM-02', 'let us agree on {{marker}}'),
  step('3', 'TOOL-01', 'plain'),
  step('4', 'INJ-05', 'now: {{marker}}'),
  step('5', 'HUM-02', 'again {{marker}}'),
];

function chosen(...choices: readonly string[]): readonly string[] {
  return stepsForCategories(steps, choices).map(({ id }) => id);
}

describe('stepsForCategories', () => {
  it('keeps the steps of the categories and families, in their order', () => {
    expect(chosen('TOOL-01', 'INJ-01')).toEqual(['1', '3']);
    expect(chosen('TOOL-*')).toEqual(['3']);
    expect(chosen('IDN-01')).toEqual([]);
  });

  it('keeps the steps of an agreement that a chosen step calls on, and none that come after', () => {
    expect(chosen('INJ-05')).toEqual(['2', '4']);
    expect(chosen('INJ-*')).toEqual(['1', '2', '4']);
    expect(chosen('MEM-02')).toEqual(['2']);
  });
});

describe('categoryChoiceMessage', () => {
  it('knows ids and families, and offers the nearest for a slip', () => {
    expect(['INJ-01', 'TOOL-*', 'MEM-*'].map(categoryChoiceMessage)).toEqual([undefined, undefined, undefined]);
    expect(categoryChoiceMessage('TOL-*')).toContain('no category is "TOL-*" (did you mean "TOOL-*"?)');
    expect(categoryChoiceMessage('INJ-1')).toContain('unknown category "INJ-1" (did you mean "INJ-01"?)');
    expect(categoryChoiceMessage('*')).toBeDefined();
    expect(categoryChoiceMessage('T-*')).toBeDefined();
  });
});
