import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { deliveryDetailSchema } from '../../../contracts/webhook.ts';
import { findDelivery } from '../../../db/webhooks/delivery-record.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getWebhookDelivery = defineEndpoint({
  id: 'getWebhookDelivery',
  method: 'get',
  path: '/api/webhook-deliveries/:deliveryId',
  tag: 'webhooks',
  summary: 'Get a delivery: what is sent, and what became of its attempts',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ deliveryId: idSchema('delivery') }) },
  output: { status: 200, description: 'The delivery', schema: deliveryDetailSchema },
  handler: async ({ params: { deliveryId } }, { deps, principal: { orgId } }) => {
    const delivery = await withOrg(deps.database, orgId, (tx) => findDelivery(tx, orgId, deliveryId));
    return requireFound(delivery, 'delivery', deliveryId);
  },
});
