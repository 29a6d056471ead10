import type { OrgId, RunId } from '../../domain/ids.ts';
import type { QuotaCrossing } from '../../domain/quotas.ts';
import { insertAudit } from '../insert-audit.ts';
import type { OrgTransaction } from '../with-org.ts';
import { requestStop, type StopResult } from './request-stop.ts';

export interface QuotaStop {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly crossing: QuotaCrossing;
}

/** Who a stop by a quota is told to be from. */
export function quotaStopper({ quota }: QuotaCrossing): string {
  return `the quota ${quota}`;
}

/** Shuts the ledger of a run that has crossed a quota: it ends `stopped_quota` and keeps its results. */
export async function stopForQuota(tx: OrgTransaction, { orgId, runId, crossing }: QuotaStop): Promise<StopResult> {
  const result = await requestStop(tx, { orgId, runId, requestedBy: quotaStopper(crossing), quotaCrossed: crossing });
  const entry = { orgId, actor: 'quota', action: 'run.quota_crossed', objectType: 'run', objectId: runId, detail: { ...crossing } };
  if (result === 'stopping') await insertAudit(tx, entry);
  return result;
}
