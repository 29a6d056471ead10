import { Context } from '@temporalio/activity';

import { ApplicationFailure } from '@temporalio/common';

import type { Logger } from '../runtime/logger.ts';
import { toApplicationFailure } from './activity-failure.ts';

const heartbeatEveryMs = 1_500;

/**
 * Runs the body of an activity: heartbeats while it runs, so that a stop reaches it and a dead worker is noticed, logs
 * what it throws, and gives the error its name.
 */
export async function inActivityScope<Result>(log: Logger, body: (context: Context) => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const ticker = setInterval(() => context.heartbeat(), heartbeatEveryMs);
  try {
    return await body(context);
  } catch (error) {
    const failure = toApplicationFailure(error);
    const { activityType, attempt, workflowExecution } = context.info;
    const details = { activity: activityType, attempt, workflowId: workflowExecution?.workflowId, err: error };
    const isExpected = error instanceof ApplicationFailure;
    log[isExpected ? 'debug' : 'warn'](details, 'activity failed');
    throw failure;
  } finally {
    clearInterval(ticker);
  }
}
