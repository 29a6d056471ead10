import type { FailureName } from '../failures.ts';
import type { CleanupSpec, StepDefinition } from '../script.ts';
import type { CleanupMethod } from '../target.ts';

/**
 * What becomes of a cleanup:
 *
 *   armed ──► pending ──► cleaned · failed · indeterminate
 *     │          └──────► skipped
 *     └──► not_needed
 *
 * - `armed`: the request of its step may have been sent, and the run goes on. `pending`: it waits for its turn.
 * - `cleaned`: the target answered as it should. `failed`: it did not, or nothing reached it.
 * - `indeterminate`: it is unknown whether it reached the target, and it must not be sent again.
 * - `skipped`: it was not sent, and `failure` says why. `not_needed`: nothing of its step was sent after all.
 */
export const settledCleanupStates = ['cleaned', 'failed', 'indeterminate', 'skipped', 'not_needed'] as const;
export const cleanupStates = ['armed', 'pending', ...settledCleanupStates] as const;
export type CleanupState = (typeof cleanupStates)[number];
export type SettledCleanupState = (typeof settledCleanupStates)[number];

/** States of what is left behind when a run has ended. */
export const uncleanedStates = ['failed', 'indeterminate', 'skipped'] as const satisfies readonly SettledCleanupState[];
export type UncleanedState = (typeof uncleanedStates)[number];

export type CleanupCounts = Readonly<Record<CleanupState, number>>;

/** What a run has cleaned up, and what it could not. */
export interface CleanupAccount {
  readonly counts: CleanupCounts;
  /** In the order in which they were to be cleaned; at most `maxListedUncleaned`. */
  readonly notCleaned: readonly UncleanedStep[];
}

export interface UncleanedStep {
  readonly cleanupId: string;
  readonly probeId: string;
  readonly stepId: string;
  readonly stepTitle: string;
  readonly state: UncleanedState;
  readonly failure: FailureName | null;
  /** Why, as one sentence. */
  readonly detail: string;
  /** The request, by which a person can do it: method and URL. */
  readonly request: string;
}

/** A report is read by people: beyond so many the list of the API goes on. */
export const maxListedUncleaned = 500;

export function zeroCleanupCounts(): Record<CleanupState, number> {
  return { armed: 0, pending: 0, cleaned: 0, failed: 0, indeterminate: 0, skipped: 0, not_needed: 0 };
}

/** How many cleanups a run had to do, or still has. */
export function neededCleanups({ counts }: Pick<CleanupAccount, 'counts'>): number {
  return counts.pending + counts.cleaned + countUncleaned({ counts });
}

export function countUncleaned({ counts }: Pick<CleanupAccount, 'counts'>): number {
  return uncleanedStates.reduce((sum, state) => sum + counts[state], 0);
}

export function cleanupOf(step: StepDefinition): CleanupSpec | undefined {
  return step.kind === 'wait_for_events' ? undefined : step.cleanup;
}

/** RFC 9110, section 9.2.2: doing it twice is meant to have the effect of doing it once. */
const idempotentMethods: ReadonlySet<CleanupMethod> = new Set(['DELETE', 'PUT', 'GET']);

/** Whether a cleanup may be sent again when it is unknown whether it reached the target. */
export function isRepeatable({ method, idempotent }: CleanupSpec): boolean {
  return idempotent ?? idempotentMethods.has(method);
}
