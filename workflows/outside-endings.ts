import { ApplicationFailure } from '@temporalio/common';

import type { RunEnding } from '../domain/run-ending.ts';

export const canceller = 'a cancellation of the workflow';
export const cancelledFromOutside: RunEnding = { kind: 'stop_requested', by: canceller };

/** A plain error would make Temporal retry the workflow task for ever; a failed activity has a name to show. */
export function engineFailure(error: unknown): RunEnding {
  const cause = error instanceof Error ? error.cause : undefined;
  const detail = cause instanceof ApplicationFailure ? (cause.type ?? 'unknown') : 'an activity of the workflow failed';
  return { kind: 'engine_failure', detail };
}
