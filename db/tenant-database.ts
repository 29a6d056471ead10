import type { Kysely } from 'kysely';

import type { DB } from './tables.generated.ts';

declare const sealed: unique symbol;

/**
 * The database as the processes hold it: opaque on purpose. Only `withOrg` and the few cross-organization functions
 * of `db/system-queries.ts` can turn it into something that runs a query.
 */
export interface TenantDatabase {
  readonly [sealed]: true;
}

const pools = new WeakMap<TenantDatabase, Kysely<DB>>();

export function sealDatabase(kysely: Kysely<DB>): TenantDatabase {
  const database = Object.freeze({}) as TenantDatabase;
  pools.set(database, kysely);
  return database;
}

/** For the modules of `db/` alone; everybody else goes through `withOrg`. */
export function unsealDatabase(database: TenantDatabase): Kysely<DB> {
  const kysely = pools.get(database);
  if (kysely === undefined) throw new TypeError('This is not a database made by openDatabase()');
  return kysely;
}
