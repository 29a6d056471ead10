import { findHaltForStart } from '../db/guard/emergency-stop.ts';
import { loadGuard } from '../db/guard/load-guard.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import type { OrgId, ProjectId } from '../domain/ids.ts';
import {
  guardStatements,
  lapsedConfirmations,
  missingConfirmations,
  type GuardSnapshot,
  type GuardStatement,
} from '../domain/production-guard.ts';
import { requireFound } from '../domain/require-found.ts';

/** Returns under which confirmations something may start; throws `production_unconfirmed` with those that are missing. */
export async function requireConfirmations(tx: OrgTransaction, orgId: OrgId, projectId: ProjectId): Promise<GuardSnapshot> {
  const guard = await requireGuard(tx, orgId, projectId);
  refuseWithout(missingConfirmations(guard), `Project ${projectId} is production.`);
  return guard;
}

/** Throws `production_unconfirmed` when what something was started under does not stand any more, whatever was confirmed since. */
export async function requireStillConfirmed(
  tx: OrgTransaction,
  orgId: OrgId,
  { projectId, startedUnder }: { readonly projectId: ProjectId; readonly startedUnder: GuardSnapshot },
): Promise<void> {
  const lapsed = lapsedConfirmations(startedUnder, await requireGuard(tx, orgId, projectId));
  refuseWithout(lapsed, `Project ${projectId} is production, and what was confirmed was voided a moment ago.`);
}

/**
 * Throws `production_unconfirmed` for a target that is not stored, where the project is production: whatever is confirmed is not
 * of this target, and would be voided if it were stored.
 */
export async function requireNotProduction(tx: OrgTransaction, orgId: OrgId, projectId: ProjectId): Promise<void> {
  const { environment } = await requireGuard(tx, orgId, projectId);
  const missing = missingConfirmations({ environment, confirmations: [] });
  refuseWithout(missing, `Project ${projectId} is production, and no confirmation can be of a target that is not stored. Store it first.`);
}

async function requireGuard(tx: OrgTransaction, orgId: OrgId, projectId: ProjectId): Promise<GuardSnapshot> {
  return requireFound(await loadGuard(tx, orgId, projectId), 'project', projectId);
}

function refuseWithout(missing: readonly GuardStatement[], why: string): void {
  if (missing.length === 0) return;
  throw new OrdealError(
    'production_unconfirmed',
    `${why} An admin must confirm, each by itself: ${missing.map((name) => `"${guardStatements[name]}"`).join(' ')}`,
    { issues: missing.map((name) => ({ field: `confirmations.${name}`, message: guardStatements[name] })) },
  );
}

/** Throws `halted` while an emergency stop is in force. The last question before what sends something is committed. */
export async function requireNoHalt(tx: OrgTransaction, orgId: OrgId): Promise<void> {
  const halt = await findHaltForStart(tx, orgId);
  if (halt === undefined) return;
  if (halt === 'changing') throw new OrdealError('halted', 'An emergency stop is being given or lifted at this very moment. Try again.');
  throw new OrdealError(
    'halted',
    `${halt.haltedBy} stopped everything at ${halt.haltedAt}: ${halt.reason}. It has to be lifted before anything is sent.`,
  );
}
