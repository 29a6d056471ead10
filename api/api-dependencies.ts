import type { TenantDatabase } from '../db/tenant-database.ts';
import type { TemporalGateway } from '../orchestration/connect-temporal.ts';
import type { RunClient } from '../orchestration/run-client.ts';
import type { ScheduleClient } from '../orchestration/schedule-client.ts';
import type { PrivateAllow } from '../runtime/egress/private-allow.ts';
import type { RateLimiter } from '../runtime/limits/rate-limiter.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Models } from '../runtime/model/models.ts';
import type { SecretKey } from '../runtime/secret-box.ts';
import type { TargetClient } from '../runtime/target/target-client.ts';
import type { HealthChecks } from './health-checks.ts';
import type { PdfPrinter } from './pdf-printer.ts';
import type { StreamRegistry } from './stream-registry.ts';

/** What endpoints work with; made once per process. */
export interface ApiDependencies {
  readonly database: TenantDatabase;
  /** Connections of their own, so that a stop waits for no other request. */
  readonly databaseForStops: TenantDatabase;
  readonly temporal: TemporalGateway;
  readonly runs: RunClient;
  readonly schedules: ScheduleClient;
  readonly models: Models;
  readonly targets: TargetClient;
  readonly privateAllow: readonly PrivateAllow[];
  /** The first seals, every one opens. */
  readonly secretKeys: readonly [SecretKey, ...SecretKey[]];
  /** Under which agents reach this API; undefined when nobody has said it. */
  readonly publicUrl: string | undefined;
  readonly maxRunDurationMinutes: number;
  readonly limiter: RateLimiter;
  /** Of one sidecar token. */
  readonly maxEventsPerMinute: number;
  readonly health: HealthChecks;
  readonly streams: StreamRegistry;
  readonly pdf: PdfPrinter;
  readonly version: string;
  readonly log: Logger;
}
