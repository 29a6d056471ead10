import { sql } from 'kysely';

import type { Delegation } from '../../contracts/delegation.ts';
import { delegationState } from '../../domain/approvals/delegation.ts';
import type { DelegationId, MemberId, ProjectId } from '../../domain/ids.ts';

export const delegationColumns = [
  'delegation_id',
  'delegator_id',
  'delegate_id',
  'project_id',
  'starts_at',
  'ends_at',
  'created_by',
  'created_at',
  'revoked_at',
  'revoked_by',
] as const;

/** What its state is told by. */
export const databaseNow = sql<Date>`clock_timestamp()`.as('now');

interface DelegationRow {
  readonly delegation_id: string;
  readonly delegator_id: string;
  readonly delegate_id: string;
  readonly project_id: string | null;
  readonly starts_at: Date;
  readonly ends_at: Date;
  readonly created_by: string;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
  readonly revoked_by: string | null;
  readonly now: Date;
}

export function toDelegation(row: DelegationRow): Delegation {
  return {
    delegationId: row.delegation_id as DelegationId,
    delegatorId: row.delegator_id as MemberId,
    delegateId: row.delegate_id as MemberId,
    projectId: row.project_id as ProjectId | null,
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    state: delegationState({ startsAt: row.starts_at, endsAt: row.ends_at, revokedAt: row.revoked_at }, row.now),
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    revokedAt: row.revoked_at?.toISOString() ?? null,
    revokedBy: row.revoked_by,
  };
}
