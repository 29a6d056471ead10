import { loadClaimed, type Claim, type ClaimedDelivery } from '../db/webhooks/load-claimed.ts';
import { recordAttempt, recordGone, releaseClaim } from '../db/webhooks/record-attempt.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { withOrg } from '../db/with-org.ts';
import { retryAfterSeconds } from '../domain/answer-status.ts';
import { OrdealError } from '../domain/failures.ts';
import { planDelivery, type AttemptEnd } from '../domain/webhooks/delivery-plan.ts';
import type { Egress } from '../runtime/egress/egress.ts';
import { EgressAborted, EgressFault } from '../runtime/egress/egress-fault.ts';
import type { Logger } from '../runtime/logger.ts';
import { openSecret, type SecretKey } from '../runtime/secret-box.ts';
import { signWebhook } from '../runtime/webhook-signature.ts';

export interface WebhookSender {
  readonly database: TenantDatabase;
  readonly egress: Egress;
  readonly secretKeys: readonly SecretKey[];
  readonly log: Logger;
  readonly version: string;
  /** For the whole attempt; well under the lease. */
  readonly timeoutMs: number;
}

/** What a receiver says beyond its status is not read further than this, and not kept. */
const maxAnswerBytes = 4_096;

/**
 * Makes one attempt at a claimed delivery, and writes down how it ended. Whoever dies in between leaves the claim to its
 * lease: the same message is then sent again, under the same id.
 */
export async function sendWebhook(sender: WebhookSender, claim: Claim, signal: AbortSignal): Promise<void> {
  const { database, log } = sender;
  const { orgId, deliveryId } = claim;
  const delivery = await withOrg(database, orgId, (tx) => loadClaimed(tx, claim));
  if (delivery === undefined) return;
  const end = await attempt(sender, { ...delivery, ...claim, signal });
  if (end === 'aborted') return withOrg(database, orgId, (tx) => releaseClaim(tx, claim));
  const { webhookId, attemptNo } = delivery;
  const next = planDelivery(attemptNo, end, Math.random());
  if (next.kind === 'gone') await withOrg(database, orgId, (tx) => recordGone(tx, claim, webhookId));
  else await withOrg(database, orgId, (tx) => recordAttempt(tx, claim, { end, next }));
  log.info({ webhookId, deliveryId, attemptNo, status: end.status, failure: end.failure, next: next.kind }, 'webhook attempted');
}

interface Attempt extends ClaimedDelivery, Claim {
  readonly signal: AbortSignal;
}

async function attempt(
  sender: WebhookSender,
  { deliveryId: id, url, body, sealedSecrets, signal }: Attempt,
): Promise<AttemptEnd | 'aborted'> {
  const { egress, secretKeys, version, timeoutMs } = sender;
  try {
    const secrets = sealedSecrets.map((sealed) => openSecret(secretKeys, sealed));
    const headers = {
      'content-type': 'application/json',
      'user-agent': `Ordeal/${version}`,
      ...signWebhook(secrets, { id, body }, Date.now()),
    };
    const timeouts = { totalMs: timeoutMs };
    const answer = await egress.send({ url, method: 'POST', headers, body, timeouts, maxBodyBytes: maxAnswerBytes, signal });
    return {
      status: answer.status,
      failure: null,
      retryAfterSeconds: retryAfterSeconds(answer.headers['retry-after'], Date.now()),
    };
  } catch (error) {
    if (error instanceof EgressAborted) return 'aborted';
    if (!(error instanceof OrdealError)) throw error;
    const status = error instanceof EgressFault ? (error.status ?? null) : null;
    return { status, failure: error.failure, retryAfterSeconds: null };
  }
}
