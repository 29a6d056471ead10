import { setTimeout as sleep } from 'node:timers/promises';

import { loadScriptLibrary } from '../db/load-script-library.ts';
import { checkDatabaseRole } from '../db/open-database.ts';
import { seedBuiltinScripts } from '../db/seed-builtin-scripts.ts';
import { listOrganizationIds } from '../db/system-queries.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { withOrg } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import type { Logger } from '../runtime/logger.ts';

/**
 * Waits for the database, refuses a role that could see past row-level security, and brings the built-in scripts of
 * every organization to what this version ships. Throws only what waiting cannot cure.
 */
export async function prepareDatabase(database: TenantDatabase, log: Logger): Promise<void> {
  const scripts = await loadScriptLibrary();
  for (;;) {
    try {
      await checkDatabaseRole(database);
      for (const orgId of await listOrganizationIds(database)) {
        const changed = await withOrg(database, orgId, (tx) => seedBuiltinScripts(tx, orgId, scripts));
        if (changed.length > 0) log.info({ orgId, changed }, 'built-in scripts have new versions');
      }
      return;
    } catch (error) {
      if (!(error instanceof OrdealError) || error.failure !== 'database_unavailable') throw error;
      log.warn({ err: error }, 'waiting for PostgreSQL');
      await sleep(1_000);
    }
  }
}
