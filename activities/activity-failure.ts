import { ApplicationFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';

import { failures, OrdealError } from '../domain/failures.ts';

/** An unknown error may pass by itself; one that comes back this often is a fault of ours, and ends the step. */
const maxInternalAttempts = 5;

/**
 * What an activity reports to Temporal when it throws: a failure of the table, by name. The message says no more than
 * the table does, because it stays in the history.
 */
export function toApplicationFailure(error: unknown): Error {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof OrdealError) {
    const row = failures[error.failure];
    return ApplicationFailure.create({ type: error.failure, message: row.title, nonRetryable: !row.retryable });
  }
  const nonRetryable = Context.current().info.attempt >= maxInternalAttempts;
  return ApplicationFailure.create({ type: 'internal', message: failures.internal.title, nonRetryable });
}
