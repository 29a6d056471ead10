import type { OrgTransaction } from '../with-org.ts';
import type { IdempotencyRecord, IdempotencyScope } from './idempotency-record.ts';

export async function insertIdempotencyRecord(tx: OrgTransaction, scope: IdempotencyScope, record: IdempotencyRecord): Promise<void> {
  await tx
    .insertInto('idempotency_keys')
    .values({
      org_id: scope.orgId,
      principal: scope.principal,
      route: scope.route,
      key: scope.key,
      fingerprint: record.fingerprint,
      status: record.status,
      body: JSON.stringify(record.body),
    })
    .execute();
}
