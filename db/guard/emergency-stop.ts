import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import { liveRunStatuses } from '../../domain/run-state.ts';
import { shutLedgers } from '../runs/shut-ledgers.ts';
import type { OrgTransaction } from '../with-org.ts';

/** An admin stops the organization, the operator the installation. Each lifts their own. */
export type HaltGiver = 'organization' | 'operator';

export interface Halt {
  readonly haltedAt: string;
  readonly haltedBy: string;
  readonly reason: string;
}

/** The emergency stop that is in force, if any; the operator's before the organization's own. */
export async function findHalt(tx: OrgTransaction, orgId: OrgId): Promise<Halt | undefined> {
  const row = await tx
    .selectFrom('emergency_stops')
    .select(['halted_at', 'halted_by', 'reason'])
    .where('org_id', '=', orgId)
    .orderBy(sql`given_by = 'operator'`, 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : { haltedAt: row.halted_at.toISOString(), haltedBy: row.halted_by, reason: row.reason };
}

/**
 * Whether a run may start for all that emergency stops know; none can begin then before this transaction has ended. Ask last: an
 * emergency stop waits for it. `changing`: one is being given or lifted at this moment.
 *
 * It never waits. Whoever starts a run holds locks that the end of a run waits for, and an emergency stop waits for the locks
 * of runs that end: waiting for it here would close that circle.
 */
export async function findHaltForStart(tx: OrgTransaction, orgId: OrgId): Promise<Halt | 'changing' | undefined> {
  const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_xact_lock_shared(${haltLock(orgId)}) as taken`.execute(tx);
  return rows[0]?.taken === true ? findHalt(tx, orgId) : 'changing';
}

function haltLock(orgId: OrgId) {
  return sql`hashtextextended(${`emergency_stop/${orgId}`}, 0)`;
}

/** Waits for the starts that have asked, and lets none ask before this transaction has ended. */
async function lockHalt(tx: OrgTransaction, orgId: OrgId): Promise<void> {
  await sql`select pg_advisory_xact_lock(${haltLock(orgId)})`.execute(tx);
}

/**
 * Halts an organization: shuts the ledger of each of its live runs, as a stop of that run does, and lets none start
 * until the halt is lifted. A second one of the same giver changes nothing and names the first. Returns the runs that it stopped.
 */
export async function haltOrganization(
  tx: OrgTransaction,
  halt: { readonly orgId: OrgId; readonly givenBy: HaltGiver; readonly by: string; readonly reason: string },
): Promise<{ readonly isNew: boolean; readonly halt: Halt; readonly runIds: readonly RunId[] }> {
  const { orgId, givenBy, by, reason } = halt;
  await lockHalt(tx, orgId);
  const inserted = await tx
    .insertInto('emergency_stops')
    .values({ org_id: orgId, given_by: givenBy, halted_by: by, reason })
    .onConflict((conflict) => conflict.columns(['org_id', 'given_by']).doNothing())
    .executeTakeFirst();
  const runIds = await stopLiveRuns(tx, orgId, by);
  const inForce = await findHalt(tx, orgId);
  if (inForce === undefined) throw new Error(`The emergency stop of ${orgId} was not stored`);
  return { isNew: inserted.numInsertedOrUpdatedRows === 1n, halt: inForce, runIds };
}

/**
 * Nothing more is sent at all: runs that are stopping, or only clean up, are told to leave that as well. They are locked in the
 * order of their ids, all before anything of theirs, so that nobody and this wait for each other in a circle.
 */
async function stopLiveRuns(tx: OrgTransaction, orgId: OrgId, by: string): Promise<readonly RunId[]> {
  const live = await tx
    .selectFrom('runs')
    .select(['run_id', sql<boolean>`stop_requested_at is null and cleanup_begun_at is null`.as('takes_steps')])
    .where('org_id', '=', orgId)
    .where('status', 'in', [...liveRunStatuses])
    .where('cleanup_stop_requested_at', 'is', null)
    .orderBy('run_id')
    .forUpdate()
    .execute();
  const idsOf = (runs: typeof live): RunId[] => runs.map(({ run_id }) => run_id as RunId);
  const ofCleanups = idsOf(live);
  const ofSteps = idsOf(live.filter(({ takes_steps }) => takes_steps));
  await shutLedgers(tx, { orgId, requestedBy: `an emergency stop by ${by}` }, { ofSteps, ofCleanups });
  return ofCleanups;
}

/** Lifts the halt of this giver; false when there is none. */
export async function liftHalt(tx: OrgTransaction, orgId: OrgId, givenBy: HaltGiver): Promise<boolean> {
  await lockHalt(tx, orgId);
  const result = await tx.deleteFrom('emergency_stops').where('org_id', '=', orgId).where('given_by', '=', givenBy).executeTakeFirst();
  return result.numDeletedRows === 1n;
}
