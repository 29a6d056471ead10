import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { idempotencyRetentionDays } from './idempotency-record.ts';

/** Removes the keys of an organization that are past their time; returns how many there were. */
export async function pruneIdempotencyRecords(tx: OrgTransaction, orgId: OrgId): Promise<number> {
  const result = await tx
    .deleteFrom('idempotency_keys')
    .where('org_id', '=', orgId)
    .where(sql<boolean>`created_at < now() - make_interval(days => ${idempotencyRetentionDays})`)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
