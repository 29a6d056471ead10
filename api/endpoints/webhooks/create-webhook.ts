import { mintedWebhookSchema, newWebhookSchema } from '../../../contracts/webhook.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { findProject } from '../../../db/projects/find-project.ts';
import { findWebhook } from '../../../db/webhooks/find-webhook.ts';
import { insertWebhook, maxWebhooks } from '../../../db/webhooks/insert-webhook.ts';
import { auditText } from '../../../domain/audit-detail.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { newId } from '../../../runtime/new-id.ts';
import { sealSecret } from '../../../runtime/secret-box.ts';
import { newWebhookSecret } from '../../../runtime/webhook-signature.ts';
import { checkAddress } from '../../check-address.ts';
import { defineChange } from '../../define-endpoint.ts';

export const createWebhook = defineChange({
  id: 'createWebhook',
  method: 'post',
  path: '/api/webhooks',
  tag: 'webhooks',
  summary: 'Tell a receiver of requests to approve, reminders, decisions and expiries',
  auth: 'apiKey',
  failures: ['not_found', 'conflict', 'egress_denied', 'target_config_invalid'],
  hasSecretOutput: true,
  input: { body: newWebhookSchema },
  output: { status: 201, description: 'The webhook and its secret, which is not shown again', schema: mintedWebhookSchema },
  change: async (tx, { body }, { deps, principal, requestId }) => {
    const { orgId, actor } = principal;
    const { url, events, projectId = null } = body;
    checkAddress(deps, { field: 'url', url });
    if (projectId !== null) requireFound(await findProject(tx, orgId, projectId), 'project', projectId);
    const webhookId = newId('webhook');
    const secret = newWebhookSecret();
    const sealedSecret = sealSecret(deps.secretKeys[0], secret);
    if (!(await insertWebhook(tx, { orgId, webhookId, projectId, url, events, sealedSecret, createdBy: actor }))) {
      throw new OrdealError('conflict', `An organization has at most ${maxWebhooks} webhooks. Remove one first.`);
    }
    // The rest of the address may be a secret of the receiver's.
    const detail = { origin: auditText('origin', new URL(url).origin), events, projectId };
    await insertAudit(tx, { orgId, actor, requestId, action: 'webhook.create', objectType: 'webhook', objectId: webhookId, detail });
    return { body: { ...requireFound(await findWebhook(tx, orgId, webhookId), 'webhook', webhookId), secret } };
  },
});
