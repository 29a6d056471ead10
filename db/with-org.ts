import { sql, type Transaction } from 'kysely';

import type { OrgId } from '../domain/ids.ts';
import type { DB } from './tables.generated.ts';
import { translateDatabaseError } from './database-errors.ts';
import { unsealDatabase, type TenantDatabase } from './tenant-database.ts';

export type OrgTransaction = Transaction<DB>;

/**
 * Runs `work` in one transaction that sees and writes rows of `orgId` alone.
 *
 * It is the only way to a query builder. The setting that row-level security reads is local to the transaction, so
 * nothing of it stays on the pooled connection. A lost database surfaces as `database_unavailable`.
 */
export async function withOrg<Result>(
  database: TenantDatabase,
  orgId: OrgId,
  work: (tx: OrgTransaction) => Promise<Result>,
): Promise<Result> {
  try {
    return await unsealDatabase(database)
      .transaction()
      .execute(async (tx) => {
        await sql`select set_config('ordeal.org_id', ${orgId}, true)`.execute(tx);
        return work(tx);
      });
  } catch (error) {
    throw translateDatabaseError(error);
  }
}
