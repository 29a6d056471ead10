import { fileURLToPath } from 'node:url';

import { NativeConnection, Worker } from '@temporalio/worker';

import { createRunActivities } from '../activities/create-run-activities.ts';
import { createScheduleActivities, type ScheduleDependencies } from '../activities/create-schedule-activities.ts';
import type { StepDependencies } from '../activities/step-dependencies.ts';

export interface WorkerOptions {
  readonly temporal: { readonly address: string; readonly namespace: string; readonly taskQueue: string };
  /** Activities at once. */
  readonly concurrency: number;
  readonly deps: StepDependencies;
  readonly schedules: Pick<ScheduleDependencies, 'maxRunDurationMinutes' | 'startRun'>;
}

/** Where every workflow is registered; also what a replay runs histories against. */
export const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));

/** Steps in flight get this long to end after a shutdown was asked for; then they are handed on. */
const graceMs = 20_000;
const forceMs = 27_000;

/** A worker that is connected and ready to `run()`. `close` ends its connection, after it has stopped. */
export async function createWorker(options: WorkerOptions): Promise<{ readonly worker: Worker; readonly close: () => Promise<void> }> {
  const connection = await NativeConnection.connect({ address: options.temporal.address });
  try {
    const worker = await Worker.create({
      connection,
      namespace: options.temporal.namespace,
      taskQueue: options.temporal.taskQueue,
      workflowsPath,
      activities: { ...createRunActivities(options.deps), ...createScheduleActivities({ ...options.deps, ...options.schedules }) },
      maxConcurrentActivityTaskExecutions: options.concurrency,
      maxConcurrentWorkflowTaskExecutions: 20,
      maxCachedWorkflows: 500,
      maxHeartbeatThrottleInterval: '1s',
      shutdownGraceTime: graceMs,
      shutdownForceTime: forceMs,
    });
    return { worker, close: () => connection.close() };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
