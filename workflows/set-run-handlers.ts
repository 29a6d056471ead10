import { ApplicationFailure, setHandler } from '@temporalio/workflow';

import type { AppliedDecision } from '../domain/approvals/approval.ts';
import type { DecisionId } from '../domain/ids.ts';
import type { ControlChange, RunControl } from '../domain/run-control.ts';
import { adjustmentFault, type RunAdjustment } from '../domain/run-options.ts';
import type { RunProgress } from '../domain/run-progress.ts';
import {
  adjustRunUpdate,
  controlChangedSignal,
  decideApprovalSignal,
  decideApprovalUpdate,
  pauseSignal,
  progressQuery,
  resumeSignal,
  stopSignal,
} from './run-messages.ts';

export interface RunHandlers {
  /** Called for each message that asks for something, before what it asks for is done. */
  readonly onMessage: () => void;
  readonly onDecision: (decision: { readonly decisionId: DecisionId }) => Promise<AppliedDecision>;
  readonly onToken: (token: string) => void;
  readonly onControl: (change: ControlChange) => void;
  readonly onAdjustment: (adjustment: RunAdjustment) => Promise<RunControl>;
  /** `sparesCleanup`: it does not mean what the run does to clean up. */
  readonly onStop: (by: string, sparesCleanup: boolean) => void;
  readonly progress: () => RunProgress;
}

/** Hands messages on. A handler of a signal does not wait: what it asks for may be left to the next execution. */
export function setRunHandlers(handlers: RunHandlers): void {
  const counted =
    <Args extends unknown[], Result>(take: (...args: Args) => Result) =>
    (...args: Args): Result => {
      handlers.onMessage();
      return take(...args);
    };
  setHandler(decideApprovalUpdate, counted(handlers.onDecision));
  setHandler(adjustRunUpdate, counted(handlers.onAdjustment), { validator: refuseFaultyAdjustment });
  setHandler(decideApprovalSignal, counted(handlers.onToken));
  setHandler(
    pauseSignal,
    counted((request) => handlers.onControl({ kind: 'pause', by: senderOf(request) })),
  );
  setHandler(
    resumeSignal,
    counted((request) => handlers.onControl({ kind: 'resume', by: senderOf(request) })),
  );
  setHandler(
    controlChangedSignal,
    counted(() => handlers.onControl({ kind: 'look' })),
  );
  setHandler(
    stopSignal,
    counted((request) => handlers.onStop(senderOf(request), request?.sparesCleanup === true)),
  );
  setHandler(progressQuery, handlers.progress);
}

/** Whoever reaches Temporal may send a message; what it says of its sender is shown, within bounds. */
function senderOf(request: { readonly by: string } | undefined): string {
  return typeof request?.by === 'string' && request.by !== '' ? request.by.slice(0, 200) : 'a signal to the workflow';
}

function refuseFaultyAdjustment(adjustment: RunAdjustment): void {
  const fault = adjustmentFault(adjustment);
  if (fault !== undefined) throw ApplicationFailure.nonRetryable(fault, 'invalid_request');
}
