import { describe, expect, it } from 'vitest';

import { readTally, summaryLine, tallyOf } from './tally.ts';

const passed = { status: 'passed' };
const file = (status: string, ...assertionResults: { status: string }[]) => ({ name: 'a.test.ts', status, assertionResults });
const result = (
  counts: { passed?: number; failed?: number; pending?: number; todo?: number },
  ...testResults: ReturnType<typeof file>[]
) => ({
  numPassedTests: counts.passed ?? 0,
  numFailedTests: counts.failed ?? 0,
  numPendingTests: counts.pending ?? 0,
  numTodoTests: counts.todo ?? 0,
  testResults,
});

describe('tallyOf', () => {
  it('counts tests', () => {
    expect(summaryLine(tallyOf(result({ passed: 1 }, file('passed', passed)), 0))).toBe('1 passed, 0 failed');
    expect(summaryLine(tallyOf(result({ passed: 1, failed: 1 }, file('failed', passed, { status: 'failed' })), 1))).toBe(
      '1 passed, 1 failed',
    );
  });

  it('says how many were skipped, with those that are still to be written', () => {
    expect(summaryLine(tallyOf(result({ passed: 1, pending: 2, todo: 1 }, file('passed', passed)), 0))).toBe(
      '1 passed, 0 failed, 3 skipped',
    );
  });

  it('counts a file that could not be loaded as one failure', () => {
    expect(summaryLine(tallyOf(result({ passed: 1 }, file('passed', passed), file('failed')), 1))).toBe('1 passed, 1 failed');
  });

  it('counts an exit code that no test explains as one failure', () => {
    const tally = tallyOf(result({ passed: 1 }, file('passed', passed)), 1);
    expect(summaryLine(tally)).toBe('1 passed, 1 failed');
    expect(tally.problems).toHaveLength(1);
  });

  it('counts a run without any test as a failure', () => {
    expect(tallyOf(result({}), 0).failed).toBe(1);
  });
});

describe('readTally', () => {
  it('counts a result that was never written as a failure', () => {
    expect(summaryLine(readTally('/nowhere/result.json', 0))).toBe('0 passed, 1 failed');
  });
});
