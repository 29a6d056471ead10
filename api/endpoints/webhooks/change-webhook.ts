import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { webhookChangeSchema, webhookSchema } from '../../../contracts/webhook.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { changeWebhook as updateWebhook } from '../../../db/webhooks/change-webhook.ts';
import { findWebhook } from '../../../db/webhooks/find-webhook.ts';
import { auditText } from '../../../domain/audit-detail.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { checkAddress } from '../../check-address.ts';
import { defineChange } from '../../define-endpoint.ts';

export const changeWebhook = defineChange({
  id: 'changeWebhook',
  method: 'patch',
  path: '/api/webhooks/:webhookId',
  tag: 'webhooks',
  summary: 'Change, disable or enable a webhook; one that is disabled gives up what it has not delivered',
  auth: 'apiKey',
  failures: ['egress_denied', 'target_config_invalid'],
  input: { params: z.object({ webhookId: idSchema('webhook') }), body: webhookChangeSchema },
  output: { status: 200, description: 'The webhook', schema: webhookSchema },
  change: async (tx, { params: { webhookId }, body }, { deps, principal, requestId }) => {
    const { orgId, actor } = principal;
    if (body.url !== undefined) checkAddress(deps, { field: 'url', url: body.url });
    await updateWebhook(tx, { orgId, webhookId }, { ...body, by: actor });
    const webhook = requireFound(await findWebhook(tx, orgId, webhookId), 'webhook', webhookId);
    const { url, ...changed } = body;
    const detail = { ...changed, ...(url === undefined ? {} : { origin: auditText('origin', new URL(url).origin) }) };
    await insertAudit(tx, { orgId, actor, requestId, action: 'webhook.change', objectType: 'webhook', objectId: webhookId, detail });
    return { body: webhook };
  },
});
