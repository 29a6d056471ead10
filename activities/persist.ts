import { setTimeout as sleep } from 'node:timers/promises';

import { withOrg, type OrgTransaction } from '../db/with-org.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { OrdealError } from '../domain/failures.ts';
import type { OrgId } from '../domain/ids.ts';

export interface PersistOptions {
  readonly database: TenantDatabase;
  readonly orgId: OrgId;
  /** How long to keep trying while PostgreSQL is away. */
  readonly patienceMs: number;
}

const firstPauseMs = 50;
const longestPauseMs = 1_000;

/**
 * A transaction that outlives a restart of PostgreSQL: while the database is away it is tried again, within
 * `patienceMs`. What an answer cost to get must not be lost because the database blinked.
 *
 * `work` must be safe to run twice: a commit whose acknowledgement was lost has happened.
 */
export async function persist<Result>(options: PersistOptions, work: (tx: OrgTransaction) => Promise<Result>): Promise<Result> {
  const giveUpAtMs = performance.now() + options.patienceMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await withOrg(options.database, options.orgId, work);
    } catch (error) {
      if (!isDatabaseAway(error) || performance.now() + pauseMs > giveUpAtMs) throw error;
      await sleep(pauseMs);
    }
  }
}

function isDatabaseAway(error: unknown): boolean {
  return error instanceof OrdealError && error.failure === 'database_unavailable';
}
