import { claimDeliveries, listOrganizationIds } from '../db/system-queries.ts';
import { pruneWebhooks } from '../db/webhooks/prune-webhooks.ts';
import { withOrg } from '../db/with-org.ts';
import { every, type Repetition } from './every.ts';
import { sendWebhook, type WebhookSender } from './send-webhook.ts';

export interface WebhookKeeperOptions extends Omit<WebhookSender, 'timeoutMs'> {
  /** For one attempt; default 15 s. */
  readonly timeoutMs?: number;
}

const deliverEveryMs = 500;
const attemptTimeoutMs = 15_000;
/** Twice as long as an attempt may take, so that it ends with its process alone. */
const leaseSeconds = 30;
/** For one webhook over all processes: a receiver that answers slowly takes this much room and no more. */
const perWebhook = 4;
const perProcess = 100;
const pruneEveryMs = 3_600_000;
const prunedRows = 10_000;

/**
 * Delivers what webhooks are to be told.
 *
 * - Twice a second: deliveries that are due are claimed and sent, each in its own time; none waits for another.
 * - Every hour: deliveries that ended long ago are removed.
 *
 * Any number may run: a claim is one keeper's until its lease ends.
 */
export class WebhookKeeper {
  readonly #options: WebhookKeeperOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #repetitions: readonly Repetition[] = [];

  constructor(options: WebhookKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    const { log } = this.#options;
    this.#repetitions = [
      every({ firstAfterMs: deliverEveryMs, everyMs: deliverEveryMs, what: 'delivering webhooks', log }, () => this.beginDue()),
      every({ firstAfterMs: pruneEveryMs, everyMs: pruneEveryMs, what: 'removing old webhook deliveries', log }, () => this.prune()),
    ];
  }

  /** Breaks off what is under way and gives it back, for another process to send. */
  async stop(): Promise<void> {
    await Promise.all(this.#repetitions.map((repetition) => repetition.stop()));
    this.#stopping.abort();
    await this.settled();
  }

  /** Claims what is due, as far as there is room, and begins to send it. */
  async beginDue(): Promise<void> {
    const room = perProcess - this.#underWay.size;
    if (room === 0) return;
    const { database } = this.#options;
    for (const claim of await claimDeliveries(database, { maxRows: room, perWebhook, leaseSeconds })) {
      const sender = { ...this.#options, timeoutMs: this.#options.timeoutMs ?? attemptTimeoutMs };
      const sending = sendWebhook(sender, claim, this.#stopping.signal)
        .catch((error: unknown) => {
          const { deliveryId } = claim;
          this.#options.log.warn({ err: error, deliveryId }, 'webhook delivery could not be recorded; it is made again after its lease');
        })
        .finally(() => this.#underWay.delete(sending));
      this.#underWay.add(sending);
    }
  }

  /** When nothing is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async prune(): Promise<void> {
    const { database } = this.#options;
    for (const orgId of await listOrganizationIds(database)) {
      for (;;) {
        const pruned = await withOrg(database, orgId, (tx) => pruneWebhooks(tx, orgId, prunedRows));
        if (pruned < prunedRows) break;
      }
    }
  }
}
