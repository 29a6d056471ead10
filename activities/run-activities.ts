import type { FailureName } from '../domain/failures.ts';
import type { OrgId, RunId } from '../domain/ids.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { RunEnding } from '../domain/run-ending.ts';
import type { TerminalRunStatus } from '../domain/run-state.ts';

/**
 * What the run workflow asks of the world. Everything here crosses a Temporal boundary: plain JSON, ids and counts
 * only, never a prompt, an answer or a secret. Every activity is idempotent.
 */
export interface RunActivities {
  /** Marks the run as running (once) and says how to work on it. */
  openRun(run: RunRef): Promise<OpenedRun>;
  /** The next script instances of the plan, in order. */
  readPlan(page: PlanPageRef): Promise<PlanPage>;
  /**
   * Makes one move of a step: at most one exchange with the target. Judges the step and records the verdict when nothing is
   * left to be said; a step that has one already just returns it.
   */
  executeStep(step: StepRef): Promise<StepResult>;
  /** Gives a step whose activity broke down for good the outcome `inconclusive`. */
  settleBrokenStep(step: StepRef & { readonly detail: string }): Promise<StepResult>;
  /** Shuts the ledger: from its return on no request of the run starts. */
  closeLedger(closing: RunRef & { readonly ending: RunEnding }): Promise<void>;
  /** Gives every open probe its outcome, derives the findings and the final status. */
  finalizeRun(final: RunRef & { readonly ending: RunEnding }): Promise<FinalizedRun>;
}

export interface RunRef {
  readonly orgId: OrgId;
  readonly runId: RunId;
}

export interface OpenedRun {
  /** Set when the run was stopped before it began, or has ended already. */
  readonly endedBy: RunEnding | null;
  readonly concurrency: number;
  readonly stepsTotal: number;
  readonly sequencesTotal: number;
  readonly circuitBreakerThreshold: number;
  readonly maxDurationMinutes: number;
  /** By the clock of the database, so that a workflow that is started again keeps the old deadline. */
  readonly remainingMs: number;
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

export type StepResult =
  /** `failure`: what the last attempt failed with, when that decided the outcome; the circuit breaker counts it. */
  | { readonly kind: 'settled'; readonly outcome: Outcome; readonly failure: FailureName | null }
  /** The step has another move to make: ask again, after so many milliseconds. */
  | { readonly kind: 'go_on'; readonly afterMs: number }
  /** The run is stopping and nothing was sent, or what was sent was aborted, or another attempt holds the step. */
  | { readonly kind: 'undecided' };

export interface FinalizedRun {
  readonly status: TerminalRunStatus;
  readonly summary: string;
}
