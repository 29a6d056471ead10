import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { removedWebhookSchema } from '../../../contracts/webhook.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { removeWebhook as markRemoved } from '../../../db/webhooks/change-webhook.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';

export const removeWebhook = defineChange({
  id: 'removeWebhook',
  method: 'post',
  path: '/api/webhooks/:webhookId/remove',
  tag: 'webhooks',
  summary: 'Remove a webhook and forget its secret; what it has not delivered is given up',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ webhookId: idSchema('webhook') }) },
  output: { status: 200, description: 'It is told nothing more', schema: removedWebhookSchema },
  change: async (tx, { params: { webhookId } }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    requireFound((await markRemoved(tx, { orgId, webhookId })) || undefined, 'webhook', webhookId);
    await insertAudit(tx, { orgId, actor, requestId, action: 'webhook.remove', objectType: 'webhook', objectId: webhookId });
    return { body: { webhookId } };
  },
});
