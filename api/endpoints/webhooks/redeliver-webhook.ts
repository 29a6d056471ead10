import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { deliveryDetailSchema } from '../../../contracts/webhook.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { findDelivery } from '../../../db/webhooks/delivery-record.ts';
import { redeliver } from '../../../db/webhooks/redeliver.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';
import { requireTold } from '../../require-told.ts';

export const redeliverWebhook = defineChange({
  id: 'redeliverWebhook',
  method: 'post',
  path: '/api/webhook-deliveries/:deliveryId/redeliver',
  tag: 'webhooks',
  summary: 'Make a delivery once more that has ended, under the same id, so that a receiver which has it can tell',
  auth: 'apiKey',
  failures: ['conflict', 'webhook_disabled'],
  input: { params: z.object({ deliveryId: idSchema('delivery') }) },
  output: { status: 202, description: 'The delivery', schema: deliveryDetailSchema },
  change: async (tx, { params: { deliveryId } }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const { webhookId } = requireFound(await findDelivery(tx, orgId, deliveryId), 'delivery', deliveryId);
    await requireTold(tx, orgId, webhookId);
    if (!(await redeliver(tx, orgId, deliveryId))) {
      throw new OrdealError('conflict', `Delivery ${deliveryId} is still pending: it is tried again by itself.`);
    }
    const detail = { deliveryId };
    await insertAudit(tx, { orgId, actor, requestId, action: 'webhook.redeliver', objectType: 'webhook', objectId: webhookId, detail });
    return { body: requireFound(await findDelivery(tx, orgId, deliveryId), 'delivery', deliveryId) };
  },
});
