import { setTimeout as sleep } from 'node:timers/promises';

import { Runtime } from '@temporalio/worker';

import { KeyedSemaphore } from '../activities/keyed-semaphore.ts';
import { StopWatch } from '../activities/stop-watch.ts';
import { checkDatabaseRole, closeDatabase, openDatabase } from '../db/open-database.ts';
import { OrdealError } from '../domain/failures.ts';
import { connectTemporal } from '../orchestration/connect-temporal.ts';
import { ensureSearchAttributes } from '../orchestration/ensure-search-attributes.ts';
import { ApprovalReminder } from '../orchestration/approval-reminder.ts';
import { Reconciler } from '../orchestration/reconciler.ts';
import { UsageKeeper } from '../orchestration/usage-keeper.ts';
import { createRunClient } from '../orchestration/run-client.ts';
import { createScheduleClient } from '../orchestration/schedule-client.ts';
import { ScheduleKeeper } from '../orchestration/schedule-keeper.ts';
import { WebhookKeeper } from '../orchestration/webhook-keeper.ts';
import { createEgress } from '../runtime/egress/egress.ts';
import { workerEnv } from '../runtime/env.ts';
import { createLogger } from '../runtime/logger.ts';
import { createModels, describeModels } from '../runtime/model/models.ts';
import { productVersion } from '../runtime/product-version.ts';
import { reportKeyOf } from '../runtime/report-signature.ts';
import { SharedPlaces } from '../runtime/limits/shared-places.ts';
import { openRedis } from '../runtime/redis/open-redis.ts';
import { shutDownOnSignal } from '../runtime/shutdown.ts';
import { AuditAnchors } from './audit-anchors.ts';
import { createTargetClient } from '../runtime/target/target-client.ts';
import { createWorker, type WorkerBuild } from './create-worker.ts';
import { startHealthServer } from './health-server.ts';
import { loadWorkflowBundle } from './workflow-bundle.ts';

const env = workerEnv(process.env);
const log = createLogger({ name: 'worker', level: env.logLevel });
// The process ends by its own signal handler, which also ends what Temporal's runtime knows nothing of.
Runtime.install({ shutdownSignals: [] });

const version = productVersion();
const build: WorkerBuild = { ...env.build, buildId: env.build.buildId ?? version, isVersioned: env.build.buildId !== undefined };

const database = openDatabase({
  url: env.databaseUrl,
  maxConnections: 30,
  onIdleError: (error) => log.warn({ err: error }, 'a database connection broke'),
});
const egress = createEgress({ privateAllow: env.egressPrivateAllow });
const models = createModels(env.models);
const temporal = connectTemporal(env.temporal);
const runs = createRunClient({ temporal, database, taskQueue: env.temporal.taskQueue });
const reconciler = new Reconciler({ database, log, runs });
const auditAnchors = new AuditAnchors({ database, log, key: reportKeyOf(env.secretKeys[0]) });

const redis = openRedis(env.redis, log);
const places = new SharedPlaces({ redis, processes: env.limiterProcesses, perOrigin: env.maxRequestsPerOrigin });
const schedules = createScheduleClient({ temporal, database, taskQueue: env.temporal.taskQueue });
const scheduleKeeper = new ScheduleKeeper({ database, schedules, log });
const semaphore = new KeyedSemaphore();
const usage = new UsageKeeper({ database, log, runs });
const webhooks = new WebhookKeeper({ database, egress, log, secretKeys: env.secretKeys, version });
const approvalReminder = new ApprovalReminder({ database, log });

const workflows = await loadWorkflowBundle(env.workflowBundle);
await untilAvailable('PostgreSQL', () => checkDatabaseRole(database));
await untilAvailable('Temporal', () => ensureSearchAttributes(temporal, env.temporal.namespace));
const { worker, close } = await untilAvailable('Temporal', () =>
  createWorker({
    temporal: env.temporal,
    concurrency: env.concurrency,
    schedules: { maxRunDurationMinutes: env.maxRunDurationMinutes, startRun: (orgId, runId) => runs.start(orgId, runId) },
    build,
    workflows,
    deps: {
      database,
      targets: createTargetClient(egress),
      log,
      semaphore,
      places,
      stopWatch: new StopWatch(database, semaphore),
      secretKeys: env.secretKeys,
      publicUrl: env.publicUrl,
      models,
      version,
    },
  }),
);

const health = env.health.port === 0 ? undefined : startHealthServer(env.health, describeHealth);
const running = worker.run();
reconciler.start();
usage.start();
scheduleKeeper.start();
auditAnchors.start();
webhooks.start();
approvalReminder.start();
log.info({ taskQueue: env.temporal.taskQueue, build, models: describeModels(models) }, 'worker is ready');
shutDownOnSignal({ log, close: shutDown });
// A worker that stops by itself (its core failed) must not linger as a process that looks alive.
running.catch((error: unknown) => {
  log.fatal({ err: error }, 'the worker stopped by itself');
  process.exit(1);
});

/** Steps in flight need the time that there is: nobody who waits for a busy Temporal takes it from them. */
async function shutDown(): Promise<void> {
  if (worker.getState() === 'RUNNING') worker.shutdown();
  const keepers = [reconciler, usage, scheduleKeeper, auditAnchors, webhooks, approvalReminder];
  await Promise.all([running, ...keepers.map((keeper) => keeper.stop())]);
  await Promise.all([close(), temporal.close(), egress.close(), models.close()]);
  places.close();
  redis?.close();
  await closeDatabase(database);
  health?.close();
}

function describeHealth() {
  return {
    isReady: worker.getState() === 'RUNNING',
    detail: {
      worker: worker.getState(),
      build,
      lastReconciledAt: reconciler.lastSweepAt,
      limiter: redis?.isAvailable === true ? 'redis' : 'local',
      usageRepairs: usage.repairs,
      repairs: reconciler.repairs,
    },
  };
}

/** A worker waits for what it needs; only a configuration that can never work ends it. */
async function untilAvailable<Result>(what: string, start: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (error instanceof OrdealError && error.failure === 'forbidden') throw error;
      log.warn({ err: error }, `waiting for ${what}`);
      await sleep(1_000);
    }
  }
}
