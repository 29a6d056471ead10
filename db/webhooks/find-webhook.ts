import type { Webhook } from '../../contracts/webhook.ts';
import type { OrgId, WebhookId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { selectWebhooks, toWebhook } from './webhook-record.ts';

/** A webhook that was not removed. */
export async function findWebhook(tx: OrgTransaction, orgId: OrgId, webhookId: WebhookId): Promise<Webhook | undefined> {
  const row = await selectWebhooks(tx, orgId).where('webhook_id', '=', webhookId).executeTakeFirst();
  return row === undefined ? undefined : toWebhook(row);
}

/** Webhooks from the newest on, starting below `before`. */
export async function listWebhooks(
  tx: OrgTransaction,
  orgId: OrgId,
  page: { readonly before: string | undefined; readonly rows: number },
): Promise<Webhook[]> {
  let query = selectWebhooks(tx, orgId);
  if (page.before !== undefined) query = query.where('webhook_id', '<', page.before);
  const rows = await query.orderBy('webhook_id', 'desc').limit(page.rows).execute();
  return rows.map(toWebhook);
}
