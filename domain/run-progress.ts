import type { OutcomeCounts } from './outcome.ts';
import type { RunStatus } from './run-state.ts';

/** Where a run stands: the answer of the `progress` query, and the same from the database. Times in epoch milliseconds. */
export interface RunProgress {
  readonly status: RunStatus;
  /** `planning`, `running`, `stopping` (no new step starts), `cleaning_up`, `finalizing` or `ended`. */
  readonly phase: RunPhase;
  readonly stepsDone: number;
  readonly stepsTotal: number;
  readonly outcomes: OutcomeCounts;
  /** Steps that are scheduled, retried or in flight; at most 50 are listed. */
  readonly currentSteps: readonly CurrentStep[];
  readonly pendingApprovals: readonly string[];
  readonly deadlineMs: number | null;
}

export const runPhases = ['planning', 'running', 'stopping', 'cleaning_up', 'finalizing', 'ended'] as const;
export type RunPhase = (typeof runPhases)[number];

export interface CurrentStep {
  readonly script: string;
  /** From 1. */
  readonly step: number;
  readonly ofSteps: number;
}

export const maxListedCurrentSteps = 50;
