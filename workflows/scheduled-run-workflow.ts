import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  CancellationScope,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';

import type { ScheduleActivities } from '../activities/schedule-activities.ts';
import { runWorkflowId, type OrgId, type RunId, type ScheduleId } from '../domain/ids.ts';
import { stopSignal } from './run-messages.ts';

export interface ScheduledRunInput {
  readonly orgId: OrgId;
  readonly scheduleId: ScheduleId;
  /** Across continue-as-new: the run that this firing waits for. */
  readonly runId?: RunId;
}

/** Retried for as long as it takes, like all bookkeeping: an outage of PostgreSQL delays a firing and never loses it. */
const scheduling = proxyActivities<ScheduleActivities>({
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
});

const scheduledStartTime = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);
const longestPauseMs = 30_000;

/**
 * One firing of a schedule: plans the run, and lasts as long as that, because Temporal's overlap policy asks whether the
 * workflow before is still open. Cancelled by the policy, it stops its run.
 */
export async function scheduledRunWorkflow(input: ScheduledRunInput): Promise<void> {
  const runId = input.runId ?? (await fire(input));
  if (runId === null) return;
  try {
    await untilEnded(input, runId);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => stopRun(runId));
    throw error;
  }
}

async function fire({ orgId, scheduleId }: ScheduledRunInput): Promise<RunId | null> {
  const { typedSearchAttributes, startTime } = workflowInfo();
  const scheduledFor = typedSearchAttributes.get(scheduledStartTime) ?? startTime;
  const { runId, lastsAsRun } = await scheduling.fireSchedule({ orgId, scheduleId, scheduledForMs: scheduledFor.getTime() });
  return lastsAsRun ? runId : null;
}

async function untilEnded(input: ScheduledRunInput, runId: RunId): Promise<void> {
  for (let pauseMs = 2_000; await scheduling.isRunLive({ orgId: input.orgId, runId }); pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof scheduledRunWorkflow>({ ...input, runId });
    await sleep(pauseMs);
  }
}

/** The run may have ended by itself meanwhile, and its workflow be gone. */
async function stopRun(runId: RunId): Promise<void> {
  try {
    await getExternalWorkflowHandle(runWorkflowId(runId)).signal(stopSignal, {
      by: 'the next firing of its schedule',
      sparesCleanup: true,
    });
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
}
