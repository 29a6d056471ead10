import { findAuditHead, findBrokenAnchor, insertAuditAnchor } from '../db/audit/audit-anchors.ts';
import { listUnanchoredOrganizations } from '../db/system-queries.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { withOrg } from '../db/with-org.ts';
import type { OrgId } from '../domain/ids.ts';
import { every, type Repetition } from '../orchestration/every.ts';
import { signAnchor } from '../runtime/audit-chain.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ReportKey } from '../runtime/report-signature.ts';

export interface AuditAnchorsOptions {
  readonly database: TenantDatabase;
  readonly key: ReportKey;
  readonly log: Logger;
}

/** What is younger than the last anchor is covered by the hash chain alone. */
const everyMs = 60_000;

const organizationsPerSweep = 1_000;

/**
 * Signs the end of every audit chain that has grown, again and again. An anchor is kept in the database and written to
 * the log, which leaves the machine: who can rewrite the database can then still not rewrite what was anchored. Any
 * number of workers may do this.
 */
export class AuditAnchors {
  readonly #options: AuditAnchorsOptions;
  #repetition: Repetition | undefined;

  constructor(options: AuditAnchorsOptions) {
    this.#options = options;
  }

  start(): void {
    const { log } = this.#options;
    this.#repetition = every({ firstAfterMs: everyMs, everyMs, what: 'anchoring audit chains', log }, () => this.sweep());
  }

  async stop(): Promise<void> {
    await this.#repetition?.stop();
  }

  async sweep(): Promise<void> {
    for (const orgId of await listUnanchoredOrganizations(this.#options.database, organizationsPerSweep)) await this.#anchor(orgId);
  }

  async #anchor(orgId: OrgId): Promise<void> {
    const { database, key, log } = this.#options;
    const anchor = await withOrg(database, orgId, async (tx) => {
      const head = await findAuditHead(tx, orgId);
      if (head === undefined) return undefined;
      const broken = await findBrokenAnchor(tx, orgId);
      if (broken !== undefined) {
        log.error({ orgId, ...broken }, 'the audit chain was built anew: it no longer fits its last anchor, and is not signed any more');
        return undefined;
      }
      const signed = signAnchor(key, { orgId, ...head, anchoredAt: new Date().toISOString() });
      await insertAuditAnchor(tx, { ...signed, orgId });
      return signed;
    });
    if (anchor !== undefined) log.info({ anchor }, 'audit chain anchored');
  }
}
