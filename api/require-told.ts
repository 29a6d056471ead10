import { selectTold } from '../db/webhooks/insert-delivery.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import type { OrgId, WebhookId } from '../domain/ids.ts';

/** Throws `webhook_disabled` unless the webhook is told things, and will be until this transaction has ended. */
export async function requireTold(tx: OrgTransaction, orgId: OrgId, webhookId: WebhookId): Promise<void> {
  const told = await selectTold(tx, orgId).where('webhook_id', '=', webhookId).executeTakeFirst();
  if (told === undefined) throw new OrdealError('webhook_disabled', `Webhook ${webhookId} is disabled or removed. Enable it first.`);
}
