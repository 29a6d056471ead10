import type { OrgId, RunId } from '../../domain/ids.ts';
import type { RunStatus } from '../../domain/run-state.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface FeedRow {
  readonly seq: string;
  readonly type: string;
  readonly data: unknown;
  readonly at: Date;
}

/** Entries of a run's live stream after `afterSeq`, in order. */
export async function readRunFeed(
  tx: OrgTransaction,
  run: { readonly orgId: OrgId; readonly runId: RunId },
  page: { readonly afterSeq: string; readonly rows: number },
): Promise<FeedRow[]> {
  return tx
    .selectFrom('run_feed')
    .select(['seq', 'type', 'data', 'at'])
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .where('seq', '>', page.afterSeq)
    .orderBy('seq')
    .limit(page.rows)
    .execute();
}

/** The status of a run, or undefined when there is none. */
export async function findRunStatus(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<RunStatus | undefined> {
  const row = await tx.selectFrom('runs').select('status').where('org_id', '=', orgId).where('run_id', '=', runId).executeTakeFirst();
  return row?.status as RunStatus | undefined;
}
