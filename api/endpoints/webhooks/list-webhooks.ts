import { z } from 'zod';

import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { webhookSchema } from '../../../contracts/webhook.ts';
import { listWebhooks as selectWebhooks } from '../../../db/webhooks/find-webhook.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('webhooks', cursorKey.text);

export const listWebhooks = defineEndpoint({
  id: 'listWebhooks',
  method: 'get',
  path: '/api/webhooks',
  tag: 'webhooks',
  summary: 'List webhooks, newest first, with how many deliveries wait and have failed',
  auth: 'apiKey',
  failures: [],
  input: { query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of webhooks', schema: pageOf(webhookSchema) },
  handler: async ({ query }, { deps, principal: { orgId } }) => {
    const page = { before: cursor.decode(query.cursor), rows: query.limit + 1 };
    const rows = await withOrg(deps.database, orgId, (tx) => selectWebhooks(tx, orgId, page));
    return cursor.page(rows, query.limit, ({ webhookId }) => webhookId);
  },
});
