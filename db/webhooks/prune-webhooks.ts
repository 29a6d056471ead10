import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

const retentionDays = 30;

/** Removes deliveries that ended long ago, and webhooks that were removed once nothing of them is left. At most `maxRows` deliveries. */
export async function pruneWebhooks(tx: OrgTransaction, orgId: OrgId, maxRows: number): Promise<number> {
  const old = tx
    .selectFrom('webhook_deliveries')
    .select('delivery_id')
    .where('org_id', '=', orgId)
    .where('status', '<>', 'pending')
    .where(sql<boolean>`ended_at < now() - make_interval(days => ${retentionDays})`)
    .limit(maxRows);
  const result = await tx.deleteFrom('webhook_deliveries').where('org_id', '=', orgId).where('delivery_id', 'in', old).executeTakeFirst();
  await tx
    .deleteFrom('webhooks as w')
    .where('w.org_id', '=', orgId)
    .where('w.removed_at', 'is not', null)
    .where(sql<boolean>`not exists (select from webhook_deliveries d where d.org_id = w.org_id and d.webhook_id = w.webhook_id)`)
    .execute();
  return Number(result.numDeletedRows);
}
