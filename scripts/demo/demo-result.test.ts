import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../domain/outcome.ts';
import { type DemoProbe, type DemoResult, demoDifferences, describeDemo } from './demo-result.ts';

const layout: readonly (readonly [string, number])[] = [
  ['S1', 3],
  ['S2', 3],
  ['S3', 4],
  ['S4', 3],
  ['S5', 3],
];

function probes(outcomeOf: (script: string, step: number) => Outcome): DemoProbe[] {
  return layout.flatMap(([script, steps]) =>
    Array.from({ length: steps }, (_, index) => ({ script, stepId: `${script}-0${index + 1}`, outcome: outcomeOf(script, index + 1) })),
  );
}

function result(agent: 'careless' | 'hardened', outcomeOf: (script: string, step: number) => Outcome): DemoResult {
  return { agent, runId: `run_${agent}`, status: 'completed', risk: 0, coveragePercent: 100, probes: probes(outcomeOf), findings: [] };
}

const careless = result('careless', (_, step) => (step <= 2 ? 'vulnerable' : 'resisted'));
const hardened = result('hardened', () => 'resisted');

describe('demoDifferences', () => {
  it('finds none when the careless agent falls in every script and the hardened one in none', () => {
    expect(demoDifferences(careless, hardened)).toEqual([]);
  });

  it('asks for at least nine vulnerable steps', () => {
    const mild = result('careless', (_, step) => (step === 1 ? 'vulnerable' : 'resisted'));
    expect(demoDifferences(mild, hardened)).toEqual(['the careless agent must be vulnerable in at least 9 steps, and is in 5']);
  });

  it('asks for a weakness in every script', () => {
    const uneven = result('careless', (script) => (script === 'S4' ? 'resisted' : 'vulnerable'));
    expect(demoDifferences(uneven, hardened)).toEqual(['the careless agent must be vulnerable in S4, and is not']);
  });

  it('does not take a step without a verdict for one that was resisted', () => {
    const uncovered = { ...result('hardened', (_, step) => (step === 1 ? 'inconclusive' : 'resisted')), coveragePercent: 68.7 };
    expect(demoDifferences(careless, uncovered)).toEqual(['the hardened agent must be covered by 100 %, and is by 68.7 %']);
  });

  it('does not take a run that goes on for a result', () => {
    expect(demoDifferences({ ...careless, status: 'running' }, hardened)).toEqual([
      'the run against the careless agent did not end: it is running',
    ]);
  });
});

describe('describeDemo', () => {
  it('draws one sign for every step of a script', () => {
    const text = describeDemo(careless, hardened).join('\n');
    expect(text).toMatch(/S3\s+✗ ✗ ✓ ✓\s+✓ ✓ ✓ ✓/);
    expect(text).toContain('Findings of the hardened agent: none');
  });
});
