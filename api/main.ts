import { closeDatabase, openDatabase, type DatabaseOptions } from '../db/open-database.ts';
import { connectTemporal } from '../orchestration/connect-temporal.ts';
import { createRunClient } from '../orchestration/run-client.ts';
import { createScheduleClient } from '../orchestration/schedule-client.ts';
import { createEgress } from '../runtime/egress/egress.ts';
import { apiEnv } from '../runtime/env.ts';
import { RateLimiter } from '../runtime/limits/rate-limiter.ts';
import { createLogger } from '../runtime/logger.ts';
import { createModels, describeModels } from '../runtime/model/models.ts';
import { findChromium } from '../runtime/pdf/find-chromium.ts';
import { productVersion } from '../runtime/product-version.ts';
import { openRedis } from '../runtime/redis/open-redis.ts';
import { shutDownOnSignal } from '../runtime/shutdown.ts';
import { createTargetClient } from '../runtime/target/target-client.ts';
import { createApp } from './create-app.ts';
import { createHealthChecks } from './health-checks.ts';
import { listen } from './listen.ts';
import { createPdfPrinter } from './pdf-printer.ts';
import { prepareDatabase } from './prepare-database.ts';
import { pruneIdempotencyKeys } from './prune-idempotency-keys.ts';
import { StreamRegistry } from './stream-registry.ts';

const env = apiEnv(process.env);
const log = createLogger({ name: 'api', level: env.logLevel });

const databaseOptions: DatabaseOptions = {
  url: env.databaseUrl,
  statementTimeoutMs: 8_000,
  onIdleError: (error) => log.warn({ err: error }, 'a database connection broke'),
};
const database = openDatabase(databaseOptions);
const databaseForStops = openDatabase({ ...databaseOptions, maxConnections: 10 });
const temporal = connectTemporal(env.temporal);
const redis = openRedis(env.redis, log);
const limiter = new RateLimiter({ redis, processes: env.limiterProcesses, policies: env.ratePolicies });
const egress = createEgress({ privateAllow: env.egressPrivateAllow });
const models = createModels(env.models);
const streams = new StreamRegistry();
let processState: string | undefined = 'starting';

const app = createApp(
  {
    database,
    databaseForStops,
    temporal,
    models,
    targets: createTargetClient(egress),
    streams,
    pdf: createPdfPrinter(await findChromium({ told: env.chromiumPath, searchPath: process.env['PATH'] })),
    log,
    runs: createRunClient({ temporal, database, taskQueue: env.temporal.taskQueue }),
    schedules: createScheduleClient({ temporal, database, taskQueue: env.temporal.taskQueue }),
    privateAllow: env.egressPrivateAllow,
    secretKeys: env.secretKeys,
    publicUrl: env.publicUrl,
    maxRunDurationMinutes: env.maxRunDurationMinutes,
    limiter,
    maxEventsPerMinute: env.maxEventsPerMinute,
    health: createHealthChecks({ database, temporal, redis, limiter, processState: () => processState }),
    version: productVersion(),
  },
  { isHttps: env.publicUrl?.startsWith('https:') === true },
);

const { server, url, drain } = await listen(app, { host: env.host, port: env.port });
log.info({ url, documentation: `${env.publicUrl ?? url}/documentation` }, 'API is listening');
const pruning = pruneIdempotencyKeys(database, log);
shutDownOnSignal({ log, close: shutDown });

await prepareDatabase(database, log);
processState = undefined;
log.info({ models: describeModels(models) }, 'API is ready');

/** Ends what holds requests open first, so that the rest can finish; the pool goes last. */
async function shutDown(): Promise<void> {
  processState = 'shutting down';
  streams.closeAll();
  pruning.stop();
  await drain();
  server.closeAllConnections();
  redis?.close();
  await Promise.all([egress.close(), models.close(), temporal.close()]);
  await Promise.all([closeDatabase(database), closeDatabase(databaseForStops)]);
}
