import { sql, type Kysely, type Transaction } from 'kysely';

import { idPattern, type OrgId } from '../domain/ids.ts';
import { translateDatabaseError } from './database-errors.ts';
import type { DB } from './tables.generated.ts';
import { unsealDatabase, type TenantDatabase } from './tenant-database.ts';

export type OrgTransaction = Transaction<DB>;

const organizationId = new RegExp(idPattern('organization'));

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
  if (!organizationId.test(orgId)) throw new TypeError('withOrg was called with something that is no organization id');
  try {
    return await unsealDatabase(database)
      .connection()
      .execute((connection) => inTransaction(connection, orgId, work));
  } catch (error) {
    throw translateDatabaseError(error);
  }
}

/**
 * `begin` and the setting travel in one message, which is one round trip less in every transaction. Such a message
 * takes no parameters; the id was checked against its pattern, which has no quote in it.
 */
async function inTransaction<Result>(connection: Kysely<DB>, orgId: OrgId, work: (tx: OrgTransaction) => Promise<Result>): Promise<Result> {
  await sql.raw(`begin; select set_config('ordeal.org_id', '${orgId}', true)`).execute(connection);
  try {
    const result = await work(connection as OrgTransaction);
    await sql`commit`.execute(connection);
    return result;
  } catch (error) {
    // The connection itself may be what failed; the first error tells more.
    await sql`rollback`.execute(connection).catch(() => undefined);
    throw error;
  }
}
