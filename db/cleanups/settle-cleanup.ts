import { sql } from 'kysely';

import type { SettledCleanupState } from '../../domain/cleanup/cleanup.ts';
import type { FailureName } from '../../domain/failures.ts';
import { appendToFeed } from '../runs/append-to-feed.ts';
import type { OrgTransaction } from '../with-org.ts';
import type { HeldCleanup } from './hold-cleanup.ts';

export interface CleanupEnd {
  readonly state: SettledCleanupState;
  readonly failure: FailureName | null;
  readonly detail: string | null;
}

/** Says what became of a cleanup, once; without effect when a later attempt holds it. */
export async function settleCleanup(tx: OrgTransaction, held: HeldCleanup, { state, failure, detail }: CleanupEnd): Promise<void> {
  const settled = await tx
    .updateTable('cleanups')
    .set({ state, failure, detail: detail?.slice(0, 1_000) ?? null, settled_at: sql<Date>`now()` })
    .where('org_id', '=', held.orgId)
    .where('cleanup_id', '=', held.cleanupId)
    .where('epoch', '=', held.epoch)
    .where('settled_at', 'is', null)
    .returning('cleanup_id')
    .executeTakeFirst();
  if (settled === undefined) return;
  await appendToFeed(tx, held, { type: 'cleanup_settled', data: { cleanupId: held.cleanupId, stepId: held.stepId, state, failure } });
}
