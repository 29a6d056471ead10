import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';

import type { DB } from './tables.generated.ts';
import { PreparingClient } from './preparing-client.ts';
import { assertRoleIsConfined } from './role-guard.ts';
import { sealDatabase, unsealDatabase, type TenantDatabase } from './tenant-database.ts';
import { translateDatabaseError } from './database-errors.ts';

export interface DatabaseOptions {
  readonly url: string;
  /** Connections at most; default 20. */
  readonly maxConnections?: number;
  /** For a connection to be made, and for one to be free; default 3 s. */
  readonly connectTimeoutMs?: number;
  /** No query runs longer than this; default 15 s. */
  readonly statementTimeoutMs?: number;
  /** Called when a connection breaks while no query runs on it, which the pool survives. */
  readonly onIdleError: (error: Error) => void;
}

const defaultConnectTimeoutMs = 3_000;
/** A query that takes longer than this is a fault of ours, and no wait is unbounded. */
const defaultStatementTimeoutMs = 15_000;

/** Opens the pool. It connects on first use, so that a process may start before PostgreSQL does. */
export function openDatabase(options: DatabaseOptions): TenantDatabase {
  const statementTimeoutMs = options.statementTimeoutMs ?? defaultStatementTimeoutMs;
  const pool = new pg.Pool({
    Client: PreparingClient,
    connectionString: options.url,
    max: options.maxConnections ?? 20,
    connectionTimeoutMillis: options.connectTimeoutMs ?? defaultConnectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 1_000,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    keepAlive: true,
  });
  pool.on('error', options.onIdleError);
  // The pool listens to idle connections alone: one that breaks inside a transaction, between two queries, would
  // otherwise end the process.
  pool.on('connect', (client) => client.on('error', options.onIdleError));
  return sealDatabase(new Kysely<DB>({ dialect: new PostgresDialect({ pool }) }));
}

export async function closeDatabase(database: TenantDatabase): Promise<void> {
  await unsealDatabase(database).destroy();
}

/** Refuses with `forbidden` when the connected role could see past row-level security. */
export async function checkDatabaseRole(database: TenantDatabase): Promise<void> {
  try {
    await assertRoleIsConfined(unsealDatabase(database));
  } catch (error) {
    throw translateDatabaseError(error);
  }
}
