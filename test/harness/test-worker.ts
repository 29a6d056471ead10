import { randomBytes } from 'node:crypto';

import { Runtime } from '@temporalio/worker';
import { inject } from 'vitest';

import { KeyedSemaphore } from '../../activities/keyed-semaphore.ts';
import { StopWatch } from '../../activities/stop-watch.ts';
import type { TenantDatabase } from '../../db/tenant-database.ts';
import { connectTemporal, type TemporalGateway } from '../../orchestration/connect-temporal.ts';
import { ensureSearchAttributes } from '../../orchestration/ensure-search-attributes.ts';
import { Reconciler } from '../../orchestration/reconciler.ts';
import { createRunClient, type RunClient } from '../../orchestration/run-client.ts';
import { createEgress } from '../../runtime/egress/egress.ts';
import { parsePrivateAllow } from '../../runtime/egress/private-allow.ts';
import { SharedPlaces } from '../../runtime/limits/shared-places.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createModels } from '../../runtime/model/models.ts';
import { secretKeyOf } from '../../runtime/secret-box.ts';
import { createTargetClient } from '../../runtime/target/target-client.ts';
import { createWorker } from '../../worker/create-worker.ts';
import { loadWorkflowBundle } from '../../worker/workflow-bundle.ts';
import { testModelSettings, type TestModels } from './test-models.ts';

export interface TestWorker {
  readonly runs: RunClient;
  readonly temporal: TemporalGateway;
  readonly taskQueue: string;
  close(): Promise<void>;
}

export interface TestWorkerOptions {
  readonly database: TenantDatabase;
  /** Ports on 127.0.0.1 that the egress may reach. */
  readonly allowPorts: readonly number[];
  readonly taskQueue?: string;
  /** Activities at once; default 100. */
  readonly concurrency?: number;
  readonly address?: string;
  /** Where agents reach the API. Default: nowhere. */
  readonly publicUrl?: string;
  /** Default: what no test reaches, counted by this process alone. */
  readonly places?: SharedPlaces;
  /** Default: none. */
  readonly models?: TestModels;
}

export const testSecretKey = secretKeyOf(Buffer.alloc(32, 7));

/** The real worker, in the process of the test, on a task queue of its own. */
export async function startTestWorker(options: TestWorkerOptions): Promise<TestWorker> {
  const taskQueue = options.taskQueue ?? `test-${randomBytes(6).toString('hex')}`;
  const address = options.address ?? inject('temporalAddress');
  const log = createLogger({ name: 'test-worker', level: 'silent' });
  const models = createModels(testModelSettings(options.models));
  const egress = createEgress({ privateAllow: parsePrivateAllow(options.allowPorts.map((port) => `127.0.0.1/32:${port}`).join(',')) });
  const places = options.places ?? new SharedPlaces({ redis: undefined, processes: 1, perOrigin: 10_000 });
  // A test waits for a busy server.
  const temporal = connectTemporal({ address, namespace: 'default', callTimeoutMs: 15_000 });
  await ensureSearchAttributes(temporal, 'default');
  quietRuntime();
  const runs = createRunClient({ temporal, database: options.database, taskQueue });
  const semaphore = new KeyedSemaphore();
  const { worker, close } = await createWorker({
    schedules: { maxRunDurationMinutes: 30, startRun: (orgId, runId) => runs.start(orgId, runId) },
    temporal: { address, namespace: 'default', taskQueue },
    concurrency: options.concurrency ?? 100,
    build: { deploymentName: 'ordeal', buildId: 'test', isVersioned: false },
    workflows: await loadWorkflowBundle(inject('workflowBundle')),
    deps: {
      database: options.database,
      models,
      targets: createTargetClient(egress),
      log,
      semaphore,
      places,
      stopWatch: new StopWatch(options.database, semaphore),
      secretKeys: [testSecretKey],
      publicUrl: options.publicUrl,
      version: 'test',
    },
  });
  const running = worker.run();
  return {
    runs,
    temporal,
    taskQueue,
    close: async () => {
      worker.shutdown();
      await running;
      places.close();
      await Promise.all([close(), temporal.close(), egress.close(), models.close()]);
    },
  };
}

/** Mends what Temporal was not told, as every worker does beside its work. */
export function startReconciler(database: TenantDatabase, runs: RunClient): Reconciler {
  const reconciler = new Reconciler({ database, runs, log: createLogger({ name: 'test-reconciler', level: 'silent' }) });
  reconciler.start();
  return reconciler;
}

let isRuntimeQuiet = false;

function quietRuntime(): void {
  if (isRuntimeQuiet) return;
  isRuntimeQuiet = true;
  Runtime.install({ shutdownSignals: [], logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } });
}
