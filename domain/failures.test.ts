import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { failureOutcome } from './failure-outcome.ts';
import { failures, isFailureName, OrdealError, type FailureName } from './failures.ts';

interface DocumentedFailure {
  readonly status: number;
  readonly retryable: boolean;
  readonly outcome: string;
  readonly text: string;
}

const page = readFileSync(new URL('../docs/failures.md', import.meta.url), 'utf8');
const rowPattern = /^\| `(?<name>[a-z_]+)` \| (?<status>\d{3}) \| (?<retryable>yes|no) \| (?<outcome>[a-z_]+|–) \| (?<text>.+) \|$/gm;
const documented = new Map<string, DocumentedFailure>(
  [...page.matchAll(rowPattern)].map(({ groups }) => [
    groups?.['name'] ?? '',
    {
      status: Number(groups?.['status']),
      retryable: groups?.['retryable'] === 'yes',
      outcome: groups?.['outcome'] ?? '',
      text: groups?.['text'] ?? '',
    },
  ]),
);
const names = Object.keys(failures) as FailureName[];

describe('docs/failures.md', () => {
  it('names every failure, and no other', () => {
    expect([...documented.keys()].toSorted()).toEqual(names.toSorted());
  });

  it.each(names)('says of %s what the table says', (name) => {
    const { status, retryable, title } = failures[name];
    expect(documented.get(name)).toMatchObject({ status, retryable });
    expect([failureOutcome(name).outcome, '–']).toContain(documented.get(name)?.outcome);
    expect(documented.get(name)?.text.startsWith(`${title}. `)).toBe(true);
  });
});

describe('the failure table', () => {
  it('knows its own names alone', () => {
    expect(isFailureName('not_found')).toBe(true);
    expect(isFailureName('toString')).toBe(false);
  });

  it('never makes a failed probe a pass', () => {
    expect(names.filter((name) => !['blocked', 'inconclusive'].includes(failureOutcome(name).outcome))).toEqual([]);
  });
});

describe('OrdealError', () => {
  it('carries its cause, and issues only when it has some', () => {
    const cause = new Error('why');
    const error = new OrdealError('not_found', 'There is no run.', { cause });
    expect(error).toMatchObject({ failure: 'not_found', message: 'There is no run.', issues: [], cause });
    expect('cause' in new OrdealError('not_found', 'There is no run.')).toBe(false);
  });
});
