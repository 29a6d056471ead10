import type { Delivery, DeliveryDetail } from '../../contracts/webhook.ts';
import type { ApprovalId, DeliveryId, OrgId, WebhookId } from '../../domain/ids.ts';
import type { DeliveryStatus } from '../../domain/webhooks/delivery-plan.ts';
import type { DeliveryEvent } from '../../domain/webhooks/webhook-event.ts';
import type { OrgTransaction } from '../with-org.ts';

const columns = [
  'delivery_id',
  'webhook_id',
  'event',
  'approval_id',
  'status',
  'attempts',
  'created_at',
  'last_attempt_at',
  'next_attempt_at',
  'ended_at',
  'response_status',
  'failure',
] as const;

interface DeliveryRow {
  readonly delivery_id: string;
  readonly webhook_id: string;
  readonly event: string;
  readonly approval_id: string | null;
  readonly status: string;
  readonly attempts: number;
  readonly created_at: Date;
  readonly last_attempt_at: Date | null;
  readonly next_attempt_at: Date;
  readonly ended_at: Date | null;
  readonly response_status: number | null;
  readonly failure: string | null;
}

export async function findDelivery(tx: OrgTransaction, orgId: OrgId, deliveryId: DeliveryId): Promise<DeliveryDetail | undefined> {
  const row = await tx
    .selectFrom('webhook_deliveries')
    .select([...columns, 'body'])
    .where('org_id', '=', orgId)
    .where('delivery_id', '=', deliveryId)
    .executeTakeFirst();
  return row === undefined ? undefined : { ...toDelivery(row), body: row.body };
}

export interface DeliveryPage {
  readonly webhookId: WebhookId;
  readonly status?: DeliveryStatus | undefined;
  readonly before: string | undefined;
  readonly rows: number;
}

/** Deliveries of a webhook from the newest on, starting below `before`. */
export async function listDeliveries(tx: OrgTransaction, orgId: OrgId, page: DeliveryPage): Promise<Delivery[]> {
  const { status, before } = page;
  let query = tx.selectFrom('webhook_deliveries').select(columns).where('org_id', '=', orgId).where('webhook_id', '=', page.webhookId);
  if (status !== undefined) query = query.where('status', '=', status);
  if (before !== undefined) query = query.where('delivery_id', '<', before);
  const rows = await query.orderBy('delivery_id', 'desc').limit(page.rows).execute();
  return rows.map(toDelivery);
}

function toDelivery(row: DeliveryRow): Delivery {
  return {
    deliveryId: row.delivery_id as DeliveryId,
    webhookId: row.webhook_id as WebhookId,
    event: row.event as DeliveryEvent,
    approvalId: row.approval_id as ApprovalId | null,
    status: row.status as DeliveryStatus,
    attempts: row.attempts,
    createdAt: row.created_at.toISOString(),
    lastAttemptAt: row.last_attempt_at?.toISOString() ?? null,
    nextAttemptAt: row.ended_at === null ? row.next_attempt_at.toISOString() : null,
    endedAt: row.ended_at?.toISOString() ?? null,
    responseStatus: row.response_status,
    failure: row.failure,
  };
}
