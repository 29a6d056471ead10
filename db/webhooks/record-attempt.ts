import { sql } from 'kysely';

import type { WebhookId } from '../../domain/ids.ts';
import type { AttemptEnd, NextDelivery } from '../../domain/webhooks/delivery-plan.ts';
import { insertAudit } from '../insert-audit.ts';
import type { OrgTransaction } from '../with-org.ts';
import { changeWebhook } from './change-webhook.ts';
import type { Claim } from './load-claimed.ts';

/** How an attempt ended, and what follows. */
export interface RecordedAttempt {
  readonly end: AttemptEnd;
  readonly next: Exclude<NextDelivery, { readonly kind: 'gone' }>;
}

/** Writes down how a claimed attempt ended and what follows; false when the claim is over, which changes nothing. */
export async function recordAttempt(tx: OrgTransaction, claim: Claim, { end, next }: RecordedAttempt): Promise<boolean> {
  const result = await claimed(tx, claim)
    .set({ response_status: end.status, failure: end.failure, leased_until: null })
    .set(
      next.kind === 'retry'
        ? { next_attempt_at: sql<Date>`clock_timestamp() + make_interval(secs => ${next.afterSeconds})` }
        : { status: next.kind, ended_at: sql<Date>`clock_timestamp()` },
    )
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Ends a delivery whose receiver wants nothing more, and disables its webhook, which ends the others of it. */
export async function recordGone(tx: OrgTransaction, claim: Claim, webhookId: WebhookId): Promise<void> {
  const { orgId } = claim;
  // The webhook first, as everybody does who locks both.
  const locked = await tx
    .selectFrom('webhooks')
    .select('disabled_at')
    .where('org_id', '=', orgId)
    .where('webhook_id', '=', webhookId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  const end = { status: 410, failure: null, retryAfterSeconds: null };
  const isOurs = await recordAttempt(tx, claim, { end, next: { kind: 'failed' } });
  if (!isOurs || locked?.disabled_at !== null) return;
  await changeWebhook(tx, { orgId, webhookId }, { isEnabled: false, by: 'receiver' });
  const detail = { because: 'the receiver answered 410' } as const;
  await insertAudit(tx, { orgId, actor: 'engine', action: 'webhook.disable', objectType: 'webhook', objectId: webhookId, detail });
}

/** Gives a claim back as if it had not been taken: the process shuts down, and another one goes on at once. */
export async function releaseClaim(tx: OrgTransaction, claim: Claim): Promise<void> {
  await claimed(tx, claim)
    .set({ attempts: sql<number>`attempts - 1`, next_attempt_at: sql<Date>`clock_timestamp()`, leased_until: null })
    .execute();
}

function claimed(tx: OrgTransaction, { orgId, deliveryId, claimNo }: Claim) {
  return tx
    .updateTable('webhook_deliveries')
    .where('org_id', '=', orgId)
    .where('delivery_id', '=', deliveryId)
    .where('claim_no', '=', claimNo)
    .where('status', '=', 'pending');
}
