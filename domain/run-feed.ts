import type { Outcome } from './outcome.ts';
import type { ApprovalStatus } from './approvals/approval.ts';
import type { SettledCleanupState } from './cleanup/cleanup.ts';
import type { Severity } from './severity.ts';
import type { RunAdjustment } from './run-options.ts';
import type { RunStatus } from './run-state.ts';
import type { FailureName } from './failures.ts';
import type { ProbeWay } from './probe-way.ts';

/** What the live stream of a run tells, in order. `run_ended` is always the last entry. */
export type RunFeedEntry =
  | { readonly type: 'run_queued'; readonly data: { readonly probes: number } }
  | { readonly type: 'run_started'; readonly data: { readonly deadlineAt: string } }
  | { readonly type: 'probe_judged'; readonly data: FeedProbe & { readonly outcome: Outcome; readonly reason: string } }
  | {
      readonly type: 'probe_waiting';
      readonly data: FeedProbe & { readonly failure: FailureName; readonly attemptNo: number; readonly retryInMs: number };
    }
  | { readonly type: 'approval_requested'; readonly data: FeedApproval & { readonly expiresAt: string } }
  | { readonly type: 'approval_reminded'; readonly data: FeedApproval & { readonly expiresAt: string } }
  | { readonly type: 'approval_decided'; readonly data: FeedApproval & { readonly status: ApprovalStatus; readonly decidedBy: string } }
  | { readonly type: 'run_paused'; readonly data: { readonly by: string } }
  | { readonly type: 'run_resumed'; readonly data: { readonly by: string; readonly deadlineAt: string | null } }
  | { readonly type: 'run_adjusted'; readonly data: { readonly by: string } & RunAdjustment }
  | { readonly type: 'stop_requested'; readonly data: { readonly by: string } }
  | { readonly type: 'cleanup_begun'; readonly data: { readonly cleanups: number } }
  | { readonly type: 'cleanup_settled'; readonly data: FeedCleanup }
  /** By a stop while the run cleaned up. */
  | { readonly type: 'cleanup_stopped'; readonly data: { readonly by: string } }
  | { readonly type: 'cleanup_ended'; readonly data: { readonly cleaned: number; readonly notCleaned: number } }
  | { readonly type: 'run_ended'; readonly data: { readonly status: RunStatus; readonly reason: string } };

export interface FeedCleanup {
  readonly cleanupId: string;
  readonly stepId: string;
  readonly state: SettledCleanupState;
  readonly failure: FailureName | null;
}

export interface FeedApproval {
  readonly approvalId: string;
  /** Null for a run as a whole. */
  readonly stepId: string | null;
  readonly risk: Severity;
}

export interface FeedProbe extends ProbeWay {
  readonly probeId: string;
  readonly stepId: string;
  readonly script: string;
  readonly title: string;
}
