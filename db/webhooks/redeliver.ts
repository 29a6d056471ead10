import { sql } from 'kysely';

import type { DeliveryId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Makes a delivery that has ended pending again, under its id, with all its attempts; false when it has not ended. */
export async function redeliver(tx: OrgTransaction, orgId: OrgId, deliveryId: DeliveryId): Promise<boolean> {
  const result = await tx
    .updateTable('webhook_deliveries')
    .set({ status: 'pending', attempts: 0, next_attempt_at: sql<Date>`clock_timestamp()`, ended_at: null })
    .where('org_id', '=', orgId)
    .where('delivery_id', '=', deliveryId)
    .where('status', '<>', 'pending')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
