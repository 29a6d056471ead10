import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import type { QuotaCrossing } from '../../domain/quotas.ts';
import { cancelApprovals } from '../approvals/end-approval.ts';
import type { OrgTransaction } from '../with-org.ts';
import { appendToFeeds } from './append-to-feed.ts';

interface ShutBy {
  readonly orgId: OrgId;
  readonly requestedBy: string;
  /** For the audit log, where `requestedBy` is only what somebody says of themselves. Default: `requestedBy`. */
  readonly actor?: string;
  /** The quota that shuts them, when it is not a person or machine. */
  readonly quotaCrossed?: QuotaCrossing;
}

/** A run may be in both. */
interface Ledgers {
  readonly ofSteps: readonly RunId[];
  readonly ofCleanups: readonly RunId[];
}

/**
 * Marks runs as stopped, cancels what is pending of them and says so in their feeds, in as many statements for all as for one. Whoever
 * calls it holds the locks of their rows, and has seen that these ledgers are open.
 *
 * All rows of runs come before all approvals, and those before all feeds: whoever works on one of the runs takes them in that
 * order as well.
 */
export async function shutLedgers(tx: OrgTransaction, by: ShutBy, { ofSteps, ofCleanups }: Ledgers): Promise<void> {
  if (ofCleanups.length > 0) await markCleanups(tx, by, ofCleanups);
  if (ofSteps.length > 0) {
    await markSteps(tx, by, ofSteps);
    await cancelApprovals(tx, { ...by, runIds: ofSteps }, by.requestedBy);
  }
  const data = { by: by.requestedBy };
  if (ofCleanups.length > 0) await appendToFeeds(tx, { ...by, runIds: ofCleanups }, { type: 'cleanup_stopped', data });
  if (ofSteps.length > 0) await appendToFeeds(tx, { ...by, runIds: ofSteps }, { type: 'stop_requested', data });
}

async function markSteps(tx: OrgTransaction, { orgId, requestedBy, quotaCrossed }: ShutBy, runIds: readonly RunId[]): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ stop_requested_at: sql<Date>`now()`, stop_requested_by: requestedBy })
    .$if(quotaCrossed !== undefined, (update) => update.set({ quota_crossed: JSON.stringify(quotaCrossed) }))
    .where('org_id', '=', orgId)
    .where(sql<boolean>`run_id = any(${[...runIds]}::text[])`)
    .execute();
}

async function markCleanups(tx: OrgTransaction, { orgId, requestedBy }: ShutBy, runIds: readonly RunId[]): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ cleanup_stop_requested_at: sql<Date>`now()`, cleanup_stop_requested_by: requestedBy })
    .where('org_id', '=', orgId)
    .where(sql<boolean>`run_id = any(${[...runIds]}::text[])`)
    .execute();
}
