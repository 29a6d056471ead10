import { describe, expect, it } from 'vitest';

import { approvalStatuses, describeDecision, tally } from './approval.ts';

const approval = (memberId: string, forMemberId: string | null = null) => ({ memberId, forMemberId, verdict: 'approve' }) as const;

describe('tally', () => {
  it('approves when as many different people as the quorum have agreed', () => {
    expect(tally([], approval('a'), 1)).toBe('approved');
    expect(tally([approval('a')], approval('b'), 3)).toBe('pending');
    expect(tally([approval('a'), approval('b')], approval('c'), 3)).toBe('approved');
  });

  it('counts one person once', () => {
    expect(tally([approval('a')], approval('a'), 2)).toBe('pending');
    expect(tally([approval('a')], approval('b', 'a'), 2)).toBe('pending');
    expect(tally([approval('a', 'b')], approval('c', 'b'), 2)).toBe('pending');
  });

  it('takes one rejection as the end, whatever the quorum', () => {
    expect(tally([approval('a'), approval('b')], { memberId: 'c', forMemberId: null, verdict: 'reject' }, 3)).toBe('rejected');
  });
});

it('describes every end of a request in a sentence of its own', () => {
  const ends = approvalStatuses.filter((status) => status !== 'pending').map((status) => describeDecision(status, 'Ada'));
  expect(new Set(ends).size).toBe(approvalStatuses.length - 1);
});
