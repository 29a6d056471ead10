import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { deliveryDetailSchema } from '../../../contracts/webhook.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { findDelivery } from '../../../db/webhooks/delivery-record.ts';
import { findWebhook } from '../../../db/webhooks/find-webhook.ts';
import { insertDeliveries } from '../../../db/webhooks/insert-delivery.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { testBody, testEvent } from '../../../domain/webhooks/webhook-event.ts';
import { newId } from '../../../runtime/new-id.ts';
import { defineChange } from '../../define-endpoint.ts';
import { requireTold } from '../../require-told.ts';

export const testWebhook = defineChange({
  id: 'testWebhook',
  method: 'post',
  path: '/api/webhooks/:webhookId/test',
  tag: 'webhooks',
  summary: 'Send a webhook a message of its own, `webhook.test`, to see that it arrives',
  auth: 'apiKey',
  rateClass: 'execute',
  failures: ['webhook_disabled'],
  input: { params: z.object({ webhookId: idSchema('webhook') }) },
  output: { status: 202, description: 'The delivery; ask for it again to see what became of it', schema: deliveryDetailSchema },
  change: async (tx, { params: { webhookId } }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    requireFound(await findWebhook(tx, orgId, webhookId), 'webhook', webhookId);
    await requireTold(tx, orgId, webhookId);
    const deliveryId = newId('delivery');
    const body = testBody(webhookId, new Date());
    await insertDeliveries(tx, [{ orgId, deliveryId, webhookId, event: testEvent, approvalId: null, body }]);
    const detail = { deliveryId };
    await insertAudit(tx, { orgId, actor, requestId, action: 'webhook.test', objectType: 'webhook', objectId: webhookId, detail });
    return { body: requireFound(await findDelivery(tx, orgId, deliveryId), 'delivery', deliveryId) };
  },
});
