import { ApplicationFailure } from '@temporalio/common';
import { isCancellation } from '@temporalio/workflow';

import type { RunEnding } from '../domain/run-ending.ts';

export const canceller = 'a cancellation of the workflow';

/** What an error that ended the work on the steps makes of the run. */
export function endingOfError(error: unknown): RunEnding {
  return isCancellation(error) ? { kind: 'stop_requested', by: canceller } : engineFailure(error);
}

/** A plain error would make Temporal retry the workflow task for ever; a failed activity has a name to show. */
function engineFailure(error: unknown): RunEnding {
  const cause = error instanceof Error ? error.cause : undefined;
  const detail = cause instanceof ApplicationFailure ? (cause.type ?? 'unknown') : 'an activity of the workflow failed';
  return { kind: 'engine_failure', detail };
}
