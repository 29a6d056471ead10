import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { rotationSchema } from '../../../contracts/member.ts';
import { mintedWebhookSchema } from '../../../contracts/webhook.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { rotateWebhookSecret as replaceSecret } from '../../../db/webhooks/change-webhook.ts';
import { findWebhook } from '../../../db/webhooks/find-webhook.ts';
import { auditText } from '../../../domain/audit-detail.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { sealSecret } from '../../../runtime/secret-box.ts';
import { newWebhookSecret } from '../../../runtime/webhook-signature.ts';
import { defineChange } from '../../define-endpoint.ts';

export const rotateWebhookSecret = defineChange({
  id: 'rotateWebhookSecret',
  method: 'post',
  path: '/api/webhooks/:webhookId/rotate',
  tag: 'webhooks',
  summary: 'Give a webhook a new secret; the old one signs beside it for a while longer',
  auth: 'apiKey',
  failures: [],
  hasSecretOutput: true,
  input: { params: z.object({ webhookId: idSchema('webhook') }), body: rotationSchema },
  output: { status: 200, description: 'The webhook and its new secret, which is not shown again', schema: mintedWebhookSchema },
  change: async (tx, { params: { webhookId }, body: { overlapHours } }, { deps, principal, requestId }) => {
    const { orgId, actor } = principal;
    const secret = newWebhookSecret();
    await replaceSecret(tx, { orgId, webhookId }, { sealedSecret: sealSecret(deps.secretKeys[0], secret), overlapHours });
    const webhook = requireFound(await findWebhook(tx, orgId, webhookId), 'webhook', webhookId);
    const detail = { previousSecretUntil: auditText('instant', webhook.previousSecretUntil) };
    await insertAudit(tx, { orgId, actor, requestId, action: 'webhook.rotate', objectType: 'webhook', objectId: webhookId, detail });
    return { body: { ...webhook, secret } };
  },
});
