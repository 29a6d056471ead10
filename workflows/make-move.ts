import { isCancellation } from '@temporalio/workflow';

import type { RunRef, StepRef, StepResult } from '../activities/run-activities.ts';
import type { LaneCursor } from '../domain/lane-plan.ts';
import { failureType } from './failure-type.ts';
import { bookkeeping, stepping } from './run-activity-proxies.ts';

/** Makes the next move of the step at this position of a script. A step whose activity breaks down for good is settled by that. */
export async function makeMove(run: RunRef, script: LaneCursor, position: number): Promise<StepResult> {
  const step: StepRef = { ...run, sequenceNo: script.sequenceNo, position };
  const summary = `${script.script}: step ${position + 1} of ${script.steps}`;
  try {
    return await stepping.executeStep.executeWithOptions({ summary }, [step]);
  } catch (error) {
    if (isCancellation(error)) return { kind: 'undecided' };
    return bookkeeping.settleBrokenStep({ ...step, detail: failureType(error) });
  }
}
