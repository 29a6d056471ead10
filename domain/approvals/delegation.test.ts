import { describe, expect, it } from 'vitest';

import type { DelegationId, MemberId } from '../ids.ts';
import type { Vote } from './approval.ts';
import { delegationFault, delegationState, rightToDecide, type Decider } from './delegation.ts';

const now = new Date('2026-11-21T12:00:00Z');
const inDays = (days: number): Date => new Date(now.getTime() + days * 86_400_000);

describe('a span', () => {
  it.each([
    [0, 30, undefined],
    [0, 30.001, 'endsAt'],
    [10, 40, undefined],
    [90, 91, undefined],
    [90.001, 91, 'startsAt'],
    [5, 5, 'endsAt'],
    [5, 4, 'endsAt'],
    [-3, -1, 'endsAt'],
  ])('from day %d to day %d is refused for %s', (from, to, field) => {
    expect(delegationFault({ startsAt: inDays(from), endsAt: inDays(to) }, now)?.field).toBe(field);
  });

  it('holds from its first moment on, until its last one, unless it was revoked', () => {
    const span = { startsAt: inDays(0), endsAt: inDays(1), revokedAt: null };
    const at = (days: number) => delegationState(span, inDays(days));
    expect([at(-0.1), at(0), at(0.9), at(1)]).toEqual(['planned', 'active', 'active', 'ended']);
    expect(delegationState({ ...span, revokedAt: now }, inDays(0.5))).toBe('revoked');
  });
});

describe('the right to decide', () => {
  const lentBy = (delegatorId: string) => ({ delegationId: `dlg_${delegatorId}` as DelegationId, delegatorId: delegatorId as MemberId });
  const decider = (memberId: string, mayApprove: boolean, ...lenders: string[]): Decider => ({
    memberId: memberId as MemberId,
    mayApprove,
    lent: lenders.map(lentBy),
  });
  const vote = (memberId: string, forMemberId: string | null = null): Vote => ({ memberId, forMemberId, verdict: 'approve' });
  const open = { excluded: [], counted: [] };

  it('is one of their own, before one that was lent', () => {
    expect(rightToDecide(decider('dora', true, 'ann'), open)).toEqual({ kind: 'own' });
    expect(rightToDecide(decider('dora', false, 'ann', 'bob'), open)).toEqual({ kind: 'lent', ...lentBy('ann') });
    expect(rightToDecide(decider('dora', false), open).kind).toBe('excluded');
  });

  it('is nobody’s who is excluded, and is not lent by who is', () => {
    expect(rightToDecide(decider('dora', false, 'ann'), { ...open, excluded: ['dora'] }).kind).toBe('excluded');
    expect(rightToDecide(decider('dora', false, 'ann'), { ...open, excluded: ['ann'] }).kind).toBe('excluded');
    expect(rightToDecide(decider('dora', true, 'ann'), { ...open, excluded: ['dora'] }).kind).toBe('excluded');
    expect(rightToDecide(decider('dora', false, 'ann', 'bob'), { ...open, excluded: ['ann'] })).toEqual({ kind: 'lent', ...lentBy('bob') });
  });

  it.each([
    ['who lent it, after who used it', decider('ann', true), [vote('dora', 'ann')]],
    ['who uses it, after who lent it', decider('dora', false, 'ann'), [vote('ann')]],
    ['another who was lent the same right', decider('eve', false, 'ann'), [vote('dora', 'ann')]],
    ['the same person in the place of somebody else', decider('dora', false, 'bob'), [vote('dora', 'ann')]],
    ['the same person by an own right that came later', decider('dora', true, 'bob'), [vote('dora', 'ann')]],
    ['who lent it and decides in the place of a third', decider('ann', false, 'bob'), [vote('dora', 'ann')]],
  ])('is spent for %s', (_what, next, counted) => {
    expect(rightToDecide(next, { excluded: [], counted })).toEqual({ kind: 'spent' });
  });

  it('is left for who was lent another right, while neither has a part in a vote', () => {
    expect(rightToDecide(decider('dora', false, 'ann', 'bob'), { excluded: [], counted: [vote('ann')] })).toEqual({
      kind: 'lent',
      ...lentBy('bob'),
    });
  });
});
