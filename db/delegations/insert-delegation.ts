import type { Delegation } from '../../contracts/delegation.ts';
import { delegationFault } from '../../domain/approvals/delegation.ts';
import type { FieldIssue } from '../../domain/failures.ts';
import type { DelegationId, MemberId, OrgId, ProjectId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { databaseNow, delegationColumns, toDelegation } from './delegation-record.ts';

export interface NewDelegation {
  readonly orgId: OrgId;
  readonly delegationId: DelegationId;
  readonly delegatorId: MemberId;
  readonly delegateId: MemberId;
  readonly projectId: ProjectId | null;
  /** `null`, or what has passed: now. */
  readonly startsAt: Date | null;
  readonly endsAt: Date;
  /** The key. */
  readonly createdBy: string;
}

/** Lends a right for a span, which is held against the clock of the database; or tells what is wrong with the span. */
export async function insertDelegation(tx: OrgTransaction, delegation: NewDelegation): Promise<Delegation | FieldIssue> {
  const { now } = await tx.selectNoFrom(databaseNow).executeTakeFirstOrThrow();
  const { endsAt } = delegation;
  const startsAt = delegation.startsAt === null || delegation.startsAt < now ? now : delegation.startsAt;
  const fault = delegationFault({ startsAt, endsAt }, now);
  if (fault !== undefined) return fault;
  const row = await tx
    .insertInto('delegations')
    .values({
      org_id: delegation.orgId,
      delegation_id: delegation.delegationId,
      delegator_id: delegation.delegatorId,
      delegate_id: delegation.delegateId,
      project_id: delegation.projectId,
      starts_at: startsAt,
      ends_at: endsAt,
      created_by: delegation.createdBy,
    })
    .returning([...delegationColumns, databaseNow])
    .executeTakeFirstOrThrow();
  return toDelegation(row);
}
