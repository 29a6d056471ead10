import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

import type { AppliedDecision } from '../domain/approvals/approval.ts';
import type { DecisionId, OrgId, RunId } from '../domain/ids.ts';
import type { ControlChange, RunControl } from '../domain/run-control.ts';
import type { RunAdjustment } from '../domain/run-options.ts';
import type { RunEnding } from '../domain/run-ending.ts';
import type { RunProgress } from '../domain/run-progress.ts';
import type { LaneCursor } from '../domain/lane-plan.ts';
import type { OutcomeCounts } from '../domain/outcome.ts';

/**
 * Asks a run to stop, or, once it cleans up, to leave that. May be sent any number of times, also by hand from the Temporal CLI;
 * `by` is shown in the report. `sparesCleanup`: it does not mean the cleanup, or that is stored already.
 */
export const stopSignal = defineSignal<[{ readonly by: string; readonly sparesCleanup?: boolean }?]>('stop');

/** Lets a run take no further request for the time being, and lets it go on. The last one counts; see `stopSignal` for `by`. */
export const pauseSignal = defineSignal<[{ readonly by: string }?]>('pause');
export const resumeSignal = defineSignal<[{ readonly by: string }?]>('resume');

/** Tells that what is stored of the control of the run has changed. */
export const controlChangedSignal = defineSignal('controlChanged');

/** Changes how many requests a run makes at once or in a minute, and tells how it is worked on from now on. */
export const adjustRunUpdate = defineUpdate<RunControl, [RunAdjustment]>('adjustRun');

export const progressQuery = defineQuery<RunProgress>('progress');

/** Lets a stored decision count, and tells what came of it. */
export const decideApprovalUpdate = defineUpdate<AppliedDecision, [{ readonly decisionId: DecisionId }]>('decideApproval');

/** A decision by somebody who has no more than its token: the Temporal CLI or Web UI is enough to send it. */
export const decideApprovalSignal = defineSignal<[string]>('decideApproval');

/** What the run workflow is started with; `carried` is its own state across continue-as-new. */
export interface RunWorkflowInput {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly carried?: CarriedState;
}

export interface CarriedState {
  readonly nextSequence: number;
  /** Scripts that were cut in the middle. */
  readonly unfinished: readonly LaneCursor[];
  readonly outcomes: OutcomeCounts;
  readonly consecutiveFaults: number;
  /** What arrived while this execution took nothing more. */
  readonly messages: {
    readonly control: ControlChange | null;
    readonly tokens: readonly string[];
  };
  /** Set when the steps are over and the run cleans up. */
  readonly cleaning?: { readonly ending: RunEnding; readonly stepsTotal: number };
}

/** Search attributes by which operators find runs in the Temporal Web UI. */
export const runSearchAttributes = {
  organization: defineSearchAttributeKey('OrdealOrganization', SearchAttributeType.KEYWORD),
  project: defineSearchAttributeKey('OrdealProject', SearchAttributeType.KEYWORD),
  status: defineSearchAttributeKey('OrdealStatus', SearchAttributeType.KEYWORD),
} as const;
