import { ActivityFailure } from '@temporalio/workflow';

/** The name of what an activity failed with, and no more: messages may quote what the target said, which has no place in a history. */
export function failureType(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const type = cause !== undefined && 'type' in cause ? cause.type : undefined;
  return typeof type === 'string' ? type : 'activity_failed';
}
