import { insertAudit } from '../db/insert-audit.ts';
import { quotaStopper, stopForQuota } from '../db/runs/stop-for-quota.ts';
import { listMeteredLiveRuns, listOrganizationIds } from '../db/system-queries.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { loadLimits } from '../db/usage/load-limits.ts';
import { loadStored } from '../db/usage/load-stored.ts';
import { measureRun } from '../db/usage/measure-run.ts';
import { repairUsage } from '../db/usage/repair-usage.ts';
import { withOrg } from '../db/with-org.ts';
import { auditText } from '../domain/audit-detail.ts';
import type { OrgId, RunId } from '../domain/ids.ts';
import { findCrossing, type QuotaCrossing } from '../domain/quotas.ts';
import type { Logger } from '../runtime/logger.ts';
import { every, type Repetition } from './every.ts';
import type { RunClient } from './run-client.ts';
import { signalStops } from './signal-stops.ts';

export interface UsageKeeperOptions {
  readonly database: TenantDatabase;
  readonly runs: RunClient;
  readonly log: Logger;
}

const watchEveryMs = 5_000;
/** Counters are exact by themselves; this is for what nobody foresaw, such as rows that were restored by hand. */
const repairEveryMs = 6 * 3_600_000;
const firstRepairAfterMs = 10_000;
const runsPerLook = 1_000;

/**
 * Keeps what organizations use true and within their quotas.
 *
 * - Every 5 s: a run whose organization has used up its storage is stopped, results kept.
 * - At the start, and every 6 hours: counters are counted anew from the rows.
 *
 * Any number may run: both are idempotent.
 */
export class UsageKeeper {
  /** Counters that were set right since the start of the process. */
  repairs = 0;
  readonly #options: UsageKeeperOptions;
  #repetitions: readonly Repetition[] = [];

  constructor(options: UsageKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    const { log } = this.#options;
    this.#repetitions = [
      every({ firstAfterMs: watchEveryMs, everyMs: watchEveryMs, what: 'watching quotas', log }, () => this.watchQuotas()),
      every({ firstAfterMs: firstRepairAfterMs, everyMs: repairEveryMs, what: 'repairing usage', log }, () => this.repairAll()),
    ];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#repetitions.map((repetition) => repetition.stop()));
  }

  /** Stops the live runs of organizations that are over their storage. */
  async watchQuotas(): Promise<void> {
    const live = await listMeteredLiveRuns(this.#options.database, runsPerLook);
    for (const [orgId, runs] of Map.groupBy(live, (run) => run.orgId)) {
      const crossing = await this.#measure(
        orgId,
        runs.map((run) => run.runId),
      );
      if (crossing === undefined) continue;
      const stopped: RunId[] = [];
      for (const { runId } of runs) if (await this.#shutLedger(orgId, runId, crossing)) stopped.push(runId);
      await signalStops(this.#options, stopped, quotaStopper(crossing));
    }
  }

  async repairAll(): Promise<void> {
    for (const orgId of await listOrganizationIds(this.#options.database)) {
      const repaired = await withOrg(this.#options.database, orgId, async (tx) => {
        const found = await repairUsage(tx, orgId);
        const counters = found
          .slice(0, 20)
          .map(({ period, ...repair }) => ({ ...repair, period: auditText('slug', period === '' ? null : period) }));
        const entry = {
          orgId,
          actor: 'reconciler',
          action: 'usage.repaired',
          objectType: 'organization',
          objectId: orgId,
          detail: { counters },
        };
        if (found.length > 0) await insertAudit(tx, entry);
        return found;
      });
      if (repaired.length > 0) this.#options.log.warn({ orgId, repaired }, 'usage counters were set right');
      this.repairs += repaired.length;
    }
  }

  #measure(orgId: OrgId, runIds: readonly RunId[]): Promise<QuotaCrossing | undefined> {
    return withOrg(this.#options.database, orgId, async (tx) => {
      const { limits } = await loadLimits(tx, orgId);
      if (limits.storageMegabytes === null) return undefined;
      // By name, as everybody who locks the counters of several runs does.
      for (const runId of runIds.toSorted()) await measureRun(tx, { orgId, runId });
      const { megabytes } = await loadStored(tx, orgId, limits.retentionDays);
      return findCrossing(limits, [{ quota: 'storageMegabytes', used: Math.floor(megabytes), more: 1 }]);
    });
  }

  async #shutLedger(orgId: OrgId, runId: RunId, crossing: QuotaCrossing): Promise<boolean> {
    return (await withOrg(this.#options.database, orgId, (tx) => stopForQuota(tx, { orgId, runId, crossing }))) === 'stopping';
  }
}
