import { findHaltForStart } from '../db/guard/emergency-stop.ts';
import { loadGuard } from '../db/guard/load-guard.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import type { OrgId, ProjectId } from '../domain/ids.ts';
import { guardStatements, missingConfirmations, type GuardSnapshot } from '../domain/production-guard.ts';
import { requireFound } from '../domain/require-found.ts';

/** Returns under which confirmations a run may start; throws `production_unconfirmed` with those that are missing. */
export async function requireConfirmations(tx: OrgTransaction, orgId: OrgId, projectId: ProjectId): Promise<GuardSnapshot> {
  const guard = requireFound(await loadGuard(tx, orgId, projectId), 'project', projectId);
  const missing = missingConfirmations(guard);
  if (missing.length === 0) return guard;
  throw new OrdealError(
    'production_unconfirmed',
    `Project ${projectId} is production. An admin must confirm, each by itself: ${missing.map((name) => `"${guardStatements[name]}"`).join(' ')}`,
    { issues: missing.map((name) => ({ field: `confirmations.${name}`, message: guardStatements[name] })) },
  );
}

/** Throws `halted` while an emergency stop is in force. The last question before a run is committed. */
export async function requireNoHalt(tx: OrgTransaction, orgId: OrgId): Promise<void> {
  const halt = await findHaltForStart(tx, orgId);
  if (halt === undefined) return;
  if (halt === 'changing') throw new OrdealError('halted', 'An emergency stop is being given or lifted at this very moment. Try again.');
  throw new OrdealError(
    'halted',
    `${halt.haltedBy} stopped everything at ${halt.haltedAt}: ${halt.reason}. It has to be lifted before runs start.`,
  );
}
