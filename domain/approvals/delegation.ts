import type { DelegationId, MemberId } from '../ids.ts';
import { hasPart, type Vote } from './approval.ts';

/** A right is lent for so long at most: who is away for longer gives it up to another approver. */
export const maxDelegationDays = 30;
/** And so far ahead at most. */
const maxDelegationLeadDays = 90;

export const delegationStates = ['planned', 'active', 'ended', 'revoked'] as const;
export type DelegationState = (typeof delegationStates)[number];

const dayMs = 86_400_000;

export interface DelegationSpan {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

export function delegationState(delegation: DelegationSpan & { readonly revokedAt: Date | null }, now: Date): DelegationState {
  if (delegation.revokedAt !== null) return 'revoked';
  if (now >= delegation.endsAt) return 'ended';
  return now < delegation.startsAt ? 'planned' : 'active';
}

/** Why a right cannot be lent for this span; undefined when it can. */
export function delegationFault(
  { startsAt, endsAt }: DelegationSpan,
  now: Date,
): { readonly field: string; readonly message: string } | undefined {
  if (startsAt.getTime() > now.getTime() + maxDelegationLeadDays * dayMs) {
    return { field: 'startsAt', message: `must be within the next ${maxDelegationLeadDays} days` };
  }
  if (endsAt <= now || endsAt <= startsAt) return { field: 'endsAt', message: 'must be in the future, and after startsAt' };
  if (endsAt.getTime() > startsAt.getTime() + maxDelegationDays * dayMs) {
    return { field: 'endsAt', message: `must be at most ${maxDelegationDays} days after startsAt` };
  }
  return undefined;
}

/** A right that was lent to somebody and holds at the moment. */
export interface LentRight {
  readonly delegationId: DelegationId;
  readonly delegatorId: MemberId;
}

/** Who wants to decide, as the database knows them at the moment of the decision. */
export interface Decider {
  readonly memberId: MemberId;
  /** By a role of their own. */
  readonly mayApprove: boolean;
  readonly lent: readonly LentRight[];
}

/**
 * - `excluded`: neither an own right nor a lent one is left for who has no part in the work.
 * - `spent`: a vote with a part of this member, or of everybody who lent them a right, was counted already.
 */
export type DecidingRight = { readonly kind: 'own' } | ({ readonly kind: 'lent' } & LentRight) | { readonly kind: 'excluded' | 'spent' };

/**
 * By which right somebody decides. A right of one's own goes first; lent rights never launder an exclusion: neither may be
 * excluded, who lent it or who uses it.
 */
export function rightToDecide(
  { memberId, mayApprove, lent }: Decider,
  { excluded, counted }: { readonly excluded: readonly string[]; readonly counted: readonly Vote[] },
): DecidingRight {
  if (excluded.includes(memberId)) return { kind: 'excluded' };
  const usable = lent.filter(({ delegatorId }) => !excluded.includes(delegatorId));
  if (!mayApprove && usable.length === 0) return { kind: 'excluded' };
  if (hasPart(counted, memberId)) return { kind: 'spent' };
  if (mayApprove) return { kind: 'own' };
  const free = usable.find(({ delegatorId }) => !hasPart(counted, delegatorId));
  return free === undefined ? { kind: 'spent' } : { kind: 'lent', ...free };
}
