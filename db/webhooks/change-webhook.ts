import { sql } from 'kysely';

import type { OrgId, WebhookId } from '../../domain/ids.ts';
import type { WebhookEvent } from '../../domain/webhooks/webhook-event.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface WebhookKey {
  readonly orgId: OrgId;
  readonly webhookId: WebhookId;
}

export interface WebhookChange {
  readonly url?: string;
  readonly events?: readonly WebhookEvent[];
  readonly isEnabled?: boolean;
}

/** Changes a webhook; false when there is none. One that is disabled by this gives up what it has not delivered yet. */
export async function changeWebhook(
  tx: OrgTransaction,
  key: WebhookKey,
  change: WebhookChange & { readonly by: string },
): Promise<boolean> {
  const { url, events, isEnabled, by } = change;
  const disabled =
    isEnabled === true
      ? { disabled_at: null, disabled_by: null }
      : { disabled_at: sql<Date>`coalesce(disabled_at, now())`, disabled_by: sql<string>`coalesce(disabled_by, ${by})` };
  const result = await tx
    .updateTable('webhooks')
    .set({
      ...(url === undefined ? {} : { url }),
      ...(events === undefined ? {} : { events: [...events] }),
      ...(isEnabled === undefined ? {} : disabled),
    })
    .where('org_id', '=', key.orgId)
    .where('webhook_id', '=', key.webhookId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (isEnabled === false) await giveUpPending(tx, key);
  return result.numUpdatedRows === 1n;
}

/** Removes a webhook and forgets its secrets; false when there is none. Its deliveries can no longer be made. */
export async function removeWebhook(tx: OrgTransaction, key: WebhookKey): Promise<boolean> {
  const result = await tx
    .updateTable('webhooks')
    .set({ removed_at: sql<Date>`now()`, sealed_secret: null, sealed_previous_secret: null, previous_secret_until: null })
    .where('org_id', '=', key.orgId)
    .where('webhook_id', '=', key.webhookId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  await giveUpPending(tx, key);
  return result.numUpdatedRows === 1n;
}

/** Puts a new secret in the place of the old one, which signs beside it for so many hours more. False when there is none. */
export async function rotateWebhookSecret(
  tx: OrgTransaction,
  key: WebhookKey,
  { sealedSecret, overlapHours }: { readonly sealedSecret: string; readonly overlapHours: number },
): Promise<boolean> {
  const previous =
    overlapHours === 0
      ? { sealed_previous_secret: null, previous_secret_until: null }
      : {
          sealed_previous_secret: sql<string>`sealed_secret`,
          previous_secret_until: sql<Date>`now() + make_interval(hours => ${overlapHours})`,
        };
  const result = await tx
    .updateTable('webhooks')
    .set({ ...previous, sealed_secret: sealedSecret })
    .where('org_id', '=', key.orgId)
    .where('webhook_id', '=', key.webhookId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Nothing is left pending of a webhook that is told nothing; whoever adds a delivery holds a lock against that. */
async function giveUpPending(tx: OrgTransaction, { orgId, webhookId }: WebhookKey): Promise<void> {
  await tx
    .updateTable('webhook_deliveries')
    .set({ status: 'failed', failure: 'webhook_disabled', ended_at: sql<Date>`clock_timestamp()`, leased_until: null })
    .where('org_id', '=', orgId)
    .where('webhook_id', '=', webhookId)
    .where('status', '=', 'pending')
    .execute();
}
