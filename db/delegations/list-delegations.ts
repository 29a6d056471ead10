import { sql } from 'kysely';

import type { Delegation } from '../../contracts/delegation.ts';
import type { MemberId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { databaseNow, delegationColumns, toDelegation } from './delegation-record.ts';

export interface DelegationFilter {
  /** As who lent the right or who uses it. */
  readonly memberId: MemberId | undefined;
  /** Without those that have ended or were revoked. */
  readonly isOnlyStanding: boolean;
  readonly before: string | undefined;
  readonly rows: number;
}

/** Delegations from the newest on, starting below `before`. */
export async function listDelegations(tx: OrgTransaction, orgId: OrgId, filter: DelegationFilter): Promise<Delegation[]> {
  const { memberId, isOnlyStanding, before } = filter;
  let query = tx
    .selectFrom('delegations')
    .select([...delegationColumns, databaseNow])
    .where('org_id', '=', orgId);
  if (memberId !== undefined) {
    query = query.where((where) => where.or([where('delegator_id', '=', memberId), where('delegate_id', '=', memberId)]));
  }
  if (isOnlyStanding) query = query.where('revoked_at', 'is', null).where(sql<boolean>`ends_at > clock_timestamp()`);
  if (before !== undefined) query = query.where('delegation_id', '<', before);
  const rows = await query.orderBy('delegation_id', 'desc').limit(filter.rows).execute();
  return rows.map(toDelegation);
}
