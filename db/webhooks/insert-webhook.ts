import type { OrgId, ProjectId, WebhookId } from '../../domain/ids.ts';
import type { WebhookEvent } from '../../domain/webhooks/webhook-event.ts';
import { lockOrganization } from '../lock-organization.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Of one organization, those that were removed not counted. */
export const maxWebhooks = 20;

export interface NewWebhookRow {
  readonly orgId: OrgId;
  readonly webhookId: WebhookId;
  readonly projectId: ProjectId | null;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly sealedSecret: string;
  readonly createdBy: string;
}

/** Stores a webhook; false when the organization has as many as it may have. */
export async function insertWebhook(tx: OrgTransaction, webhook: NewWebhookRow): Promise<boolean> {
  const { orgId } = webhook;
  await lockOrganization(tx, orgId);
  const { present } = await tx
    .selectFrom('webhooks')
    .select((select) => select.fn.countAll<string>().as('present'))
    .where('org_id', '=', orgId)
    .where('removed_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (Number(present) >= maxWebhooks) return false;
  await tx
    .insertInto('webhooks')
    .values({
      org_id: orgId,
      webhook_id: webhook.webhookId,
      project_id: webhook.projectId,
      url: webhook.url,
      events: [...webhook.events],
      sealed_secret: webhook.sealedSecret,
      created_by: webhook.createdBy,
    })
    .execute();
  return true;
}
