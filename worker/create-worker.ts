import { NativeConnection, Worker, type WorkerDeploymentOptions, type WorkflowBundle } from '@temporalio/worker';

import { createRunActivities } from '../activities/create-run-activities.ts';
import { createScheduleActivities, type ScheduleDependencies } from '../activities/create-schedule-activities.ts';
import type { StepDependencies } from '../activities/step-dependencies.ts';

/** What Temporal calls a worker deployment version. */
export interface WorkerBuild {
  readonly deploymentName: string;
  readonly buildId: string;
  /** True: runs that this build begins are continued by it alone. False: any unversioned worker takes them on; histories name the build. */
  readonly isVersioned: boolean;
}

export interface WorkerOptions {
  readonly temporal: { readonly address: string; readonly namespace: string; readonly taskQueue: string };
  /** Activities at once. */
  readonly concurrency: number;
  readonly build: WorkerBuild;
  readonly workflows: WorkflowBundle;
  readonly deps: StepDependencies;
  readonly schedules: Pick<ScheduleDependencies, 'maxRunDurationMinutes' | 'startRun'>;
}

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
      workflowBundle: options.workflows,
      activities: { ...createRunActivities(options.deps), ...createScheduleActivities({ ...options.deps, ...options.schedules }) },
      maxConcurrentActivityTaskExecutions: options.concurrency,
      maxConcurrentWorkflowTaskExecutions: 20,
      maxCachedWorkflows: 500,
      maxHeartbeatThrottleInterval: '1s',
      shutdownGraceTime: graceMs,
      shutdownForceTime: forceMs,
      workerDeploymentOptions: deploymentOptions(options.build),
    });
    return { worker, close: () => connection.close() };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function deploymentOptions({ deploymentName, buildId, isVersioned }: WorkerBuild): WorkerDeploymentOptions {
  const version = { deploymentName, buildId };
  if (!isVersioned) return { version, useWorkerVersioning: false };
  return { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' };
}
