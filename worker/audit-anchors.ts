import { findAuditHead, insertAuditAnchor } from '../db/audit/audit-anchors.ts';
import { listUnanchoredOrganizations } from '../db/system-queries.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { withOrg } from '../db/with-org.ts';
import type { OrgId } from '../domain/ids.ts';
import { signAnchor } from '../runtime/audit-chain.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ReportKey } from '../runtime/report-signature.ts';

export interface AuditAnchorsOptions {
  readonly database: TenantDatabase;
  readonly key: ReportKey;
  readonly log: Logger;
  /** Between two sweeps; default 60 s. What is younger than the last anchor is covered by the hash chain alone. */
  readonly everyMs?: number;
}

const organizationsPerSweep = 1_000;

/**
 * Signs the end of every audit chain that has grown, again and again. An anchor is kept in the database and written to
 * the log, which leaves the machine: who can rewrite the database can then still not rewrite what was anchored. Any
 * number of workers may do this.
 */
export class AuditAnchors {
  readonly #options: AuditAnchorsOptions;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: AuditAnchorsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#sweeping = this.sweep()
        .catch((error: unknown) => this.#options.log.warn({ err: error }, 'audit chains were not anchored; the next sweep tries again'))
        .then(() => {
          if (!this.#isStopped) this.start();
        });
    }, this.#options.everyMs ?? 60_000);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  async sweep(): Promise<void> {
    for (const orgId of await listUnanchoredOrganizations(this.#options.database, organizationsPerSweep)) await this.#anchor(orgId);
  }

  async #anchor(orgId: OrgId): Promise<void> {
    const { database, key, log } = this.#options;
    const anchor = await withOrg(database, orgId, async (tx) => {
      const head = await findAuditHead(tx, orgId);
      if (head === undefined) return undefined;
      const signed = signAnchor(key, { orgId, ...head, anchoredAt: new Date().toISOString() });
      await insertAuditAnchor(tx, { ...signed, orgId });
      return signed;
    });
    if (anchor !== undefined) log.info({ anchor }, 'audit chain anchored');
  }
}
