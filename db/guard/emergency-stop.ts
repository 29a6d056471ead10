import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import { liveRunStatuses } from '../../domain/run-state.ts';
import { appendToFeed } from '../runs/append-to-feed.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface Halt {
  readonly haltedAt: string;
  readonly haltedBy: string;
  readonly reason: string;
}

/** The emergency stop that is in force, if any. */
export async function findHalt(tx: OrgTransaction, orgId: OrgId): Promise<Halt | undefined> {
  return toHalt(await haltQuery(tx, orgId).executeTakeFirst());
}

/**
 * The emergency stop that is in force, if any; and none can begin before this transaction has ended. Ask last: an
 * emergency stop waits for it.
 */
export async function findHaltForStart(tx: OrgTransaction, orgId: OrgId): Promise<Halt | undefined> {
  return toHalt(await haltQuery(tx, orgId).forShare().executeTakeFirst());
}

function haltQuery(tx: OrgTransaction, orgId: OrgId) {
  return tx.selectFrom('organizations').select(['halted_at', 'halted_by', 'halt_reason']).where('org_id', '=', orgId);
}

function toHalt(row: { halted_at: Date | null; halted_by: string | null; halt_reason: string | null } | undefined): Halt | undefined {
  if (row === undefined || row.halted_at === null) return undefined;
  return { haltedAt: row.halted_at.toISOString(), haltedBy: row.halted_by ?? '', reason: row.halt_reason ?? '' };
}

/**
 * Halts an organization: shuts the ledger of each of its live runs, as a stop of that run does, and lets none start
 * until the halt is lifted. A second one changes nothing and names the first. Returns the runs that it stopped.
 */
export async function haltOrganization(
  tx: OrgTransaction,
  { orgId, by, reason }: { readonly orgId: OrgId; readonly by: string; readonly reason: string },
): Promise<{ readonly isNew: boolean; readonly halt: Halt; readonly runIds: readonly RunId[] }> {
  const row = await tx
    .updateTable('organizations')
    .set({ halted_at: sql<Date>`now()`, halted_by: by, halt_reason: reason })
    .where('org_id', '=', orgId)
    .where('halted_at', 'is', null)
    .returning('halted_at')
    .executeTakeFirst();
  const runIds = await stopLiveRuns(tx, orgId, by);
  const halt = await findHalt(tx, orgId);
  if (halt === undefined) throw new Error(`Organization ${orgId} does not exist`);
  return { isNew: row !== undefined, halt, runIds };
}

/** In the order of their ids, so that two who do this at once do not wait for each other in a circle. */
async function stopLiveRuns(tx: OrgTransaction, orgId: OrgId, by: string): Promise<readonly RunId[]> {
  const live = await tx
    .selectFrom('runs')
    .select('run_id')
    .where('org_id', '=', orgId)
    .where('status', 'in', [...liveRunStatuses])
    .where('stop_requested_at', 'is', null)
    .orderBy('run_id')
    .forUpdate()
    .execute();
  const runIds = live.map(({ run_id }) => run_id as RunId);
  if (runIds.length === 0) return runIds;
  const requestedBy = `an emergency stop by ${by}`;
  await tx
    .updateTable('runs')
    .set({ stop_requested_at: sql<Date>`now()`, stop_requested_by: requestedBy })
    .where('org_id', '=', orgId)
    .where('run_id', 'in', runIds)
    .execute();
  for (const runId of runIds) await appendToFeed(tx, { orgId, runId }, { type: 'stop_requested', data: { by: requestedBy } });
  return runIds;
}

/** Lets runs start again; false when there is no halt to lift. */
export async function liftHalt(tx: OrgTransaction, orgId: OrgId): Promise<boolean> {
  const result = await tx
    .updateTable('organizations')
    .set({ halted_at: null, halted_by: null, halt_reason: null })
    .where('org_id', '=', orgId)
    .where('halted_at', 'is not', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
