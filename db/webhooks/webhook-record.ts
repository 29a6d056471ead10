import { sql } from 'kysely';

import type { Webhook } from '../../contracts/webhook.ts';
import type { OrgId, ProjectId, WebhookId } from '../../domain/ids.ts';
import type { WebhookEvent } from '../../domain/webhooks/webhook-event.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Webhooks that were not removed, with what may be shown of them: everything but the secrets. */
export function selectWebhooks(tx: OrgTransaction, orgId: OrgId) {
  const deliveries = (status: 'pending' | 'failed') => sql<number>`(select count(*)::int from webhook_deliveries d
    where d.org_id = webhooks.org_id and d.webhook_id = webhooks.webhook_id and d.status = ${sql.lit(status)})`;
  return tx
    .selectFrom('webhooks')
    .select(['webhook_id', 'project_id', 'url', 'events', 'disabled_at', 'disabled_by', 'created_at', 'created_by'])
    .select([
      sql<Date | null>`case when previous_secret_until > now() then previous_secret_until end`.as('previous_secret_until'),
      deliveries('pending').as('pending'),
      deliveries('failed').as('failed'),
    ])
    .where('org_id', '=', orgId)
    .where('removed_at', 'is', null);
}

interface WebhookRow {
  readonly webhook_id: string;
  readonly project_id: string | null;
  readonly url: string;
  readonly events: string[];
  readonly disabled_at: Date | null;
  readonly disabled_by: string | null;
  readonly created_at: Date;
  readonly created_by: string;
  readonly previous_secret_until: Date | null;
  readonly pending: number;
  readonly failed: number;
}

export function toWebhook(row: WebhookRow): Webhook {
  return {
    webhookId: row.webhook_id as WebhookId,
    projectId: row.project_id as ProjectId | null,
    url: row.url,
    events: row.events as WebhookEvent[],
    isEnabled: row.disabled_at === null,
    disabledAt: row.disabled_at?.toISOString() ?? null,
    disabledBy: row.disabled_by,
    previousSecretUntil: row.previous_secret_until?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    pending: row.pending,
    failed: row.failed,
  };
}
