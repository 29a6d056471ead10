import { proxyActivities } from '@temporalio/workflow';
import { ActivityCancellationType } from '@temporalio/workflow';

import type { RunActivities } from '../activities/run-activities.ts';

/**
 * Database work around the steps. It is retried for as long as it takes: an outage of PostgreSQL delays a run and
 * never ends it. The duration cap, and behind it the execution timeout, bound the wait.
 */
export const bookkeeping = proxyActivities<Omit<RunActivities, 'executeStep' | 'executeCleanup'>>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/**
 * One step against the target. How often the target may be asked is counted in the ledger, by the activity itself
 * (a worker that dies is not an attempt of the target's), so Temporal's own limit is only there for what never ends.
 * `WAIT_CANCELLATION_COMPLETED`: a stop is over when the request is aborted, not when that was asked for.
 */
export const stepping = proxyActivities<Pick<RunActivities, 'executeStep'>>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '10s',
  // A step that its workflow task brings along goes past the queue, and with it past priorities and the turns of organizations.
  allowEagerDispatch: false,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 200 },
});

/** One move of cleaning up. A request ends with its own limits; a worker that dies is noticed by its heartbeat. */
export const cleaning = proxyActivities<Pick<RunActivities, 'executeCleanup'>>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: 200 },
});
