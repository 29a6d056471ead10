import type { AppliedDecision } from '../domain/approvals/approval.ts';
import type { FailureName } from '../domain/failures.ts';
import type { ApprovalId, DecisionId, OrgId, RunId } from '../domain/ids.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { ControlChange, RunControl } from '../domain/run-control.ts';
import type { RunEnding } from '../domain/run-ending.ts';
import type { RunAdjustment } from '../domain/run-options.ts';
import type { TerminalRunStatus } from '../domain/run-state.ts';

/**
 * What the run workflow asks of the world. Everything here crosses a Temporal boundary: plain JSON, ids and counts
 * only, never a prompt, an answer or a secret. Every activity is idempotent.
 */
export interface RunActivities {
  /** Marks the run as running (once) and says how to work on it, with the script instances to begin with. */
  openRun(opening: PlanPageRef): Promise<OpenedRun>;
  /** The next script instances of the plan, in order. */
  readPlan(page: PlanPageRef): Promise<PlanPage>;
  /**
   * Makes one move of a step: at most one exchange with the target. Judges the step and records the verdict when nothing is
   * left to be said; a step that has one already just returns it.
   */
  executeStep(step: StepRef): Promise<StepResult>;
  /** Lets a decision count that somebody has given and that is stored. */
  decideApproval(decision: DecisionRef): Promise<AppliedDecision>;
  /** The same for a decision token; `null` when it is none, or is used up, or its time is over. */
  redeemToken(redemption: RunRef & { readonly token: string }): Promise<AppliedDecision | null>;
  /** Stops the clock of the run while it does nothing but wait for people, and starts it again. */
  noteWaiting(waiting: RunRef & { readonly isWaiting: boolean }): Promise<RunControl>;
  /** Gives a step whose activity broke down for good the outcome `inconclusive`. */
  settleBrokenStep(step: StepRef & { readonly detail: string }): Promise<StepResult>;
  /** Pauses or resumes the run if that is asked for, and tells how it is to be worked on from now on. */
  changeControl(change: RunRef & { readonly change: ControlChange }): Promise<RunControl>;
  /** Changes how many requests the run makes at once or in a minute. Fails with `conflict` when it takes none any more. */
  adjustRun(adjusting: RunRef & { readonly adjustment: RunAdjustment }): Promise<RunControl>;
  /** Shuts the ledger: from its return on no request of the run starts. */
  closeLedger(closing: RunRef & { readonly ending: RunEnding }): Promise<void>;
  /** Shuts the ledger of the probes for good and puts the cleanups of what was sent in their order. Tells how many wait. */
  beginCleanup(begin: RunRef & { readonly ending: RunEnding }): Promise<{ readonly pending: number }>;
  /** Makes one move of cleaning up: at most one request to the target. */
  executeCleanup(run: RunRef): Promise<CleanupMoved>;
  /** Settles the cleanup whose activity broke down for good, so that the next one gets its turn. */
  settleBrokenCleanup(run: RunRef & { readonly detail: string }): Promise<CleanupMoved>;
  /** Ends the cleanup of a run because a message to its workflow asks for that. */
  stopCleanup(stop: RunRef & { readonly by: string }): Promise<void>;
  /** Gives every open probe its outcome, derives the findings and the final status. */
  finalizeRun(final: RunRef & { readonly ending: RunEnding }): Promise<FinalizedRun>;
}

export interface RunRef {
  readonly orgId: OrgId;
  readonly runId: RunId;
}

export interface OpenedRun extends RunControl {
  /** Set when the run was stopped before it began, or has ended already. */
  readonly endedBy: RunEnding | null;
  /** Set while the run as a whole waits for an approval: ask again when it is decided, or its time is over. */
  readonly awaiting: AwaitedApproval | null;
  /** Whether any step has something to clean up. */
  readonly hasCleanups: boolean;
  readonly stepsTotal: number;
  readonly sequencesTotal: number;
  /** From where it was asked for: what the first lanes work on needs no question of its own. */
  readonly firstPage: readonly PlannedSequence[];
  readonly circuitBreakerThreshold: number;
  readonly maxDurationMinutes: number;
  readonly maxPausedMinutes: number;
}

export interface PlanPageRef extends RunRef {
  readonly fromSequence: number;
}

export interface PlanPage {
  readonly sequences: readonly PlannedSequence[];
}

/** One script instance: `steps` steps that run in order and share a session. */
export interface PlannedSequence {
  readonly sequenceNo: number;
  readonly script: string;
  readonly steps: number;
}

export interface StepRef extends RunRef {
  readonly sequenceNo: number;
  /** From 0. */
  readonly position: number;
}

export interface AwaitedApproval {
  readonly approvalId: ApprovalId;
  /** By the clock of the database. */
  readonly expiresInMs: number;
}

export interface DecisionRef {
  readonly orgId: OrgId;
  readonly decisionId: DecisionId;
}

export type StepResult =
  /** `failure`: what the last attempt failed with, when that decided the outcome; the circuit breaker counts it. */
  | { readonly kind: 'settled'; readonly outcome: Outcome; readonly failure: FailureName | null }
  /** The step has another move to make: ask again, after so many milliseconds. */
  | { readonly kind: 'go_on'; readonly afterMs: number }
  /** The step may not go on before people have decided: ask again then, or when their time is over. */
  | ({ readonly kind: 'awaiting_approval' } & AwaitedApproval)
  /** The run takes no request for the time being: ask again when it is resumed. */
  | { readonly kind: 'paused' }
  /** The run is stopping and nothing was sent, or what was sent was aborted, or another attempt holds the step. */
  | { readonly kind: 'undecided' };

export type CleanupMoved =
  /** There is another move to make: ask again, after so many milliseconds. */
  | { readonly kind: 'go_on'; readonly afterMs: number }
  /** Nothing waits any more, or may be sent any more. */
  | { readonly kind: 'done' };

export interface FinalizedRun {
  readonly status: TerminalRunStatus;
  readonly summary: string;
}
