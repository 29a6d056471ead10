import { sql } from 'kysely';

import type { Delegation } from '../../contracts/delegation.ts';
import type { DelegationId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { databaseNow, delegationColumns, toDelegation } from './delegation-record.ts';

interface DelegationKey {
  readonly orgId: OrgId;
  readonly delegationId: DelegationId;
}

/** A delegation, locked: whoever decides by it and whoever revokes it do so one after the other. */
export async function lockDelegation(tx: OrgTransaction, { orgId, delegationId }: DelegationKey): Promise<Delegation | undefined> {
  const row = await tx
    .selectFrom('delegations')
    .select([...delegationColumns, databaseNow])
    .where('org_id', '=', orgId)
    .where('delegation_id', '=', delegationId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : toDelegation(row);
}

/** From its commit on, nothing is decided by this delegation. */
export async function revokeDelegation(
  tx: OrgTransaction,
  { orgId, delegationId, revokedBy }: DelegationKey & { readonly revokedBy: string },
): Promise<Delegation> {
  const row = await tx
    .updateTable('delegations')
    .set({ revoked_at: sql<Date>`clock_timestamp()`, revoked_by: revokedBy })
    .where('org_id', '=', orgId)
    .where('delegation_id', '=', delegationId)
    .where('revoked_at', 'is', null)
    .returning([...delegationColumns, databaseNow])
    .executeTakeFirstOrThrow();
  return toDelegation(row);
}
