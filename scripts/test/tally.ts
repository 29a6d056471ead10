import fs from 'node:fs';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed without being a test, for a person. */
  readonly problems: readonly string[];
}

/** The parts of vitest's JSON result that are counted here. */
interface VitestResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Counts a run of vitest. A file that could not be loaded counts as one failure, as does whatever else made vitest end
 * with an exit code other than 0: an unhandled error, a set-up that failed, a result that was never written.
 */
export function readTally(resultFile: string, exitCode: number): Tally {
  if (!fs.existsSync(resultFile)) {
    return { passed: 0, failed: 1, skipped: 0, problems: [`vitest ended with exit code ${exitCode} and left no result`] };
  }
  return tallyOf(JSON.parse(fs.readFileSync(resultFile, 'utf8')) as VitestResult, exitCode);
}

export function tallyOf(result: VitestResult, exitCode: number): Tally {
  const broken = result.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const problems = broken.map((file) => `Failed outside of its tests: ${file.name}`);
  const counted = result.numFailedTests + broken.length;
  const isUnexplained = exitCode !== 0 && counted === 0;
  if (isUnexplained) problems.push(`vitest ended with exit code ${exitCode} although no test failed; see its output above`);
  const ran = result.numPassedTests + counted;
  if (ran === 0 && !isUnexplained) problems.push('No test ran');
  return {
    passed: result.numPassedTests,
    failed: counted + (isUnexplained || ran === 0 ? 1 : 0),
    skipped: result.numPendingTests + result.numTodoTests,
    problems,
  };
}

/** `12 passed, 0 failed`, and how many were skipped when some were. */
export function summaryLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}
