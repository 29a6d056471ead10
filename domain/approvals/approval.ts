import { assertNever } from '../assert-never.ts';
import type { ApprovalId } from '../ids.ts';

/**
 * What becomes of a request to approve. `pending` is left once, and nothing leaves the others.
 *
 * - `voided`: what would be sent is not what was shown any more.
 * - `cancelled`: the run ended before anybody decided.
 */
export const approvalStatuses = ['pending', 'approved', 'rejected', 'expired', 'voided', 'cancelled'] as const;
export type ApprovalStatus = (typeof approvalStatuses)[number];

export const approvalVerdicts = ['approve', 'reject'] as const;
export type ApprovalVerdict = (typeof approvalVerdicts)[number];

/** One request to an agent, or a run as a whole. */
export const approvalKinds = ['exchange', 'run'] as const;
export type ApprovalKind = (typeof approvalKinds)[number];

/**
 * What became of one person's decision.
 *
 * - `counted`: it decided, or is one of those that the quorum waits for.
 * - `late`: somebody or something else had decided before.
 * - `excluded`: who asked for the run, or edited its scripts or target, has no say, nor has who may not approve (any more),
 *   by a right of their own or by one that was lent to them.
 */
export type DecisionEffect = 'counted' | 'late' | 'excluded';

/** What a decision did. */
export interface AppliedDecision {
  readonly approvalId: ApprovalId;
  readonly effect: DecisionEffect;
  /** Of the approval, after it. */
  readonly status: ApprovalStatus;
}

export interface Vote {
  readonly memberId: string;
  /** In whose place it was given; `null` for a right of one's own. */
  readonly forMemberId: string | null;
  readonly verdict: ApprovalVerdict;
}

/**
 * Whether this member has a part in one of the votes, by giving it or because it was given in their place. Two votes never
 * have a member in common, so that nobody is counted twice however rights are lent.
 */
export function hasPart(votes: readonly Vote[], memberId: string): boolean {
  return votes.some((vote) => vote.memberId === memberId || vote.forMemberId === memberId);
}

/** What a request comes to once `next` is added to the votes that were counted: one rejection is enough. */
export function tally(counted: readonly Vote[], next: Vote, quorum: number): ApprovalStatus {
  switch (next.verdict) {
    case 'reject':
      return 'rejected';
    case 'approve': {
      const rights = [...counted, next].filter(({ verdict }) => verdict === 'approve').map((vote) => vote.forMemberId ?? vote.memberId);
      return new Set(rights).size >= quorum ? 'approved' : 'pending';
    }
    default:
      return assertNever(next.verdict);
  }
}

/** Who decided, as a person reads it. */
export function nameDecider(decidedBy: string | null, decidedFor: string | null): string {
  return `${decidedBy ?? 'somebody'}${decidedFor === null ? '' : ` for ${decidedFor}`}`;
}

/** One sentence for a person: how a request ended, and by whom. */
export function describeDecision(status: Exclude<ApprovalStatus, 'pending'>, decidedBy: string): string {
  switch (status) {
    case 'approved':
      return `It was approved by ${decidedBy}.`;
    case 'rejected':
      return `It was rejected by ${decidedBy}.`;
    case 'expired':
      return 'Nobody decided in time.';
    case 'voided':
      return 'What would be sent is no longer what was shown to those who decide.';
    case 'cancelled':
      return `The run was ended by ${decidedBy} before anybody decided.`;
    default:
      return assertNever(status);
  }
}
