import { sql } from 'kysely';

import type { OrgTransaction } from '../with-org.ts';
import type { IdempotencyScope } from './idempotency-record.ts';

/** Locks the key until the transaction ends, or says false at once when another transaction holds it. */
export async function tryLockIdempotencyKey(tx: OrgTransaction, scope: IdempotencyScope): Promise<boolean> {
  const name = JSON.stringify([scope.orgId, scope.principal, scope.route, scope.key]);
  const result = await sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as locked`.execute(tx);
  return result.rows[0]?.locked === true;
}
