import { sql } from 'kysely';

import type { OrgTransaction } from '../with-org.ts';
import { idempotencyRetentionDays, type IdempotencyRecord, type IdempotencyScope, type StoredBody } from './idempotency-record.ts';

/** The reply that is stored for a key. One that is past its time is removed, and does not count. */
export async function findIdempotencyRecord(tx: OrgTransaction, scope: IdempotencyScope): Promise<IdempotencyRecord | undefined> {
  const row = await tx
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'status', 'body'])
    .select(sql<boolean>`created_at < now() - make_interval(days => ${idempotencyRetentionDays})`.as('is_expired'))
    .where('org_id', '=', scope.orgId)
    .where('principal', '=', scope.principal)
    .where('route', '=', scope.route)
    .where('key', '=', scope.key)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (!row.is_expired) return { fingerprint: row.fingerprint, status: row.status, body: row.body as unknown as StoredBody };
  await tx
    .deleteFrom('idempotency_keys')
    .where('org_id', '=', scope.orgId)
    .where('principal', '=', scope.principal)
    .where('route', '=', scope.route)
    .where('key', '=', scope.key)
    .execute();
  return undefined;
}
