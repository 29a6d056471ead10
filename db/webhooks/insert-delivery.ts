import type { ApprovalId, DeliveryId, OrgId, WebhookId } from '../../domain/ids.ts';
import type { DeliveryEvent } from '../../domain/webhooks/webhook-event.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface NewDelivery {
  readonly orgId: OrgId;
  readonly deliveryId: DeliveryId;
  readonly webhookId: WebhookId;
  readonly event: DeliveryEvent;
  readonly approvalId: ApprovalId | null;
  readonly body: string;
}

/** Adds deliveries to the transaction of what they tell of. The webhooks are locked with `selectTold`, so that they stand. */
export async function insertDeliveries(tx: OrgTransaction, deliveries: readonly NewDelivery[]): Promise<void> {
  await tx
    .insertInto('webhook_deliveries')
    .values(
      deliveries.map(({ orgId, deliveryId, webhookId, event, approvalId, body }) => ({
        org_id: orgId,
        delivery_id: deliveryId,
        webhook_id: webhookId,
        event,
        approval_id: approvalId,
        body,
      })),
    )
    .execute();
}

/** Webhooks that are told things, locked so that none is disabled or removed before this transaction has ended. */
export function selectTold(tx: OrgTransaction, orgId: OrgId) {
  return tx
    .selectFrom('webhooks')
    .select('webhook_id')
    .where('org_id', '=', orgId)
    .where('disabled_at', 'is', null)
    .where('removed_at', 'is', null)
    .orderBy('webhook_id')
    .forShare();
}
