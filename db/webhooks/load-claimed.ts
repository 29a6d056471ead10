import { sql } from 'kysely';

import type { DeliveryId, OrgId, WebhookId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface Claim {
  readonly orgId: OrgId;
  readonly deliveryId: DeliveryId;
  /** Proves that the claim is still the last one. */
  readonly claimNo: number;
}

/** What there is to send, and what it is signed with. */
export interface ClaimedDelivery {
  readonly webhookId: WebhookId;
  readonly url: string;
  readonly body: string;
  readonly attemptNo: number;
  /** Sealed; the newest first. */
  readonly sealedSecrets: readonly string[];
}

/** Undefined when the claim is over: it was taken over, or there is nothing to deliver to any more. */
export async function loadClaimed(tx: OrgTransaction, { orgId, deliveryId, claimNo }: Claim): Promise<ClaimedDelivery | undefined> {
  const row = await tx
    .selectFrom('webhook_deliveries as d')
    .innerJoin('webhooks as w', (join) => join.onRef('w.org_id', '=', 'd.org_id').onRef('w.webhook_id', '=', 'd.webhook_id'))
    .select(['d.webhook_id', 'd.body', 'd.attempts', 'w.url', 'w.sealed_secret'])
    .select(sql<string | null>`case when w.previous_secret_until > now() then w.sealed_previous_secret end`.as('sealed_previous'))
    .where('d.org_id', '=', orgId)
    .where('d.delivery_id', '=', deliveryId)
    .where('d.status', '=', 'pending')
    .where('d.claim_no', '=', claimNo)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    webhookId: row.webhook_id as WebhookId,
    url: row.url,
    body: row.body,
    attemptNo: row.attempts,
    sealedSecrets: [row.sealed_secret, row.sealed_previous].filter((sealed) => sealed !== null),
  };
}
