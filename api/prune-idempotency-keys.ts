import { pruneIdempotencyRecords } from '../db/idempotency/prune-idempotency-records.ts';
import { listOrganizationIds } from '../db/system-queries.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { withOrg } from '../db/with-org.ts';
import type { Logger } from '../runtime/logger.ts';

const everyMs = 3_600_000;

/** Removes keys that are past their time, once an hour. Several processes may do so at once. */
export function pruneIdempotencyKeys(database: TenantDatabase, log: Logger): { readonly stop: () => void } {
  const timer = setInterval(() => {
    prune(database).catch((error: unknown) =>
      log.warn({ err: error }, 'old idempotency keys could not be removed; the next hour tries again'),
    );
  }, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

async function prune(database: TenantDatabase): Promise<void> {
  for (const orgId of await listOrganizationIds(database)) {
    await withOrg(database, orgId, (tx) => pruneIdempotencyRecords(tx, orgId));
  }
}
