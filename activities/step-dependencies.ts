import type { TenantDatabase } from '../db/tenant-database.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Models } from '../runtime/model/models.ts';
import type { SecretKey } from '../runtime/secret-box.ts';
import type { TargetClient } from '../runtime/target/target-client.ts';
import type { SharedPlaces } from '../runtime/limits/shared-places.ts';
import type { KeyedSemaphore } from './keyed-semaphore.ts';
import type { StopWatch } from './stop-watch.ts';

/** What a worker gives to the activities of its runs. */
export interface StepDependencies {
  readonly database: TenantDatabase;
  readonly models: Models;
  readonly targets: TargetClient;
  readonly semaphore: KeyedSemaphore;
  /** At the origins of targets, over all organizations and workers. */
  readonly places: SharedPlaces;
  readonly stopWatch: StopWatch;
  readonly secretKeys: readonly SecretKey[];
  /** Where an agent reaches the API, for documents that are served to it; without it none can be. */
  readonly publicUrl: string | undefined;
  readonly log: Logger;
  /** Shown to the target in `User-Agent`. */
  readonly version: string;
}
