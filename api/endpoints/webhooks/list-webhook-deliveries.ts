import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { deliverySchema, deliveryStatusSchema } from '../../../contracts/webhook.ts';
import { listDeliveries } from '../../../db/webhooks/delivery-record.ts';
import { findWebhook } from '../../../db/webhooks/find-webhook.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('webhook-deliveries', cursorKey.text);

export const listWebhookDeliveries = defineEndpoint({
  id: 'listWebhookDeliveries',
  method: 'get',
  path: '/api/webhooks/:webhookId/deliveries',
  tag: 'webhooks',
  summary: 'List the deliveries of a webhook, newest first; they are kept for 30 days after their end',
  auth: 'apiKey',
  failures: [],
  input: {
    params: z.object({ webhookId: idSchema('webhook') }),
    query: z.strictObject({ ...pageQueryShape, status: deliveryStatusSchema.optional() }),
  },
  output: { status: 200, description: 'A page of deliveries', schema: pageOf(deliverySchema) },
  handler: async ({ params: { webhookId }, query }, { deps, principal: { orgId } }) => {
    const page = { webhookId, status: query.status, before: cursor.decode(query.cursor), rows: query.limit + 1 };
    const rows = await withOrg(deps.database, orgId, async (tx) => {
      requireFound(await findWebhook(tx, orgId, webhookId), 'webhook', webhookId);
      return listDeliveries(tx, orgId, page);
    });
    return cursor.page(rows, query.limit, ({ deliveryId }) => deliveryId);
  },
});
