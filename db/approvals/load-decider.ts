import { sql } from 'kysely';

import type { Decider, LentRight } from '../../domain/approvals/delegation.ts';
import type { DelegationId, MemberId, OrgId } from '../../domain/ids.ts';
import { mayHold, type Role } from '../../domain/roles.ts';
import type { OrgTransaction } from '../with-org.ts';

interface DeciderKey {
  readonly orgId: OrgId;
  readonly memberId: MemberId;
  readonly projectId: string;
}

/**
 * Who wants to decide about something of a project, with the rights that hold now, by the clock of the database. What
 * makes them hold is locked: a role, a membership or a delegation that is taken away counts from its commit on.
 */
export async function loadDecider(tx: OrgTransaction, key: DeciderKey): Promise<Decider> {
  const { orgId, memberId } = key;
  const member = await tx
    .selectFrom('members')
    .select('role')
    .where('org_id', '=', orgId)
    .where('member_id', '=', memberId)
    .where('removed_at', 'is', null)
    .forShare()
    .executeTakeFirst();
  if (member === undefined) return { memberId, mayApprove: false, lent: [] };
  const mayApprove = mayHold(member.role as Role, 'approver');
  return { memberId, mayApprove, lent: mayApprove ? [] : await loadLentRights(tx, key) };
}

/** A right is lent by who has it themselves: what was lent cannot be lent on. */
async function loadLentRights(tx: OrgTransaction, { orgId, memberId, projectId }: DeciderKey): Promise<LentRight[]> {
  const rows = await tx
    .selectFrom('delegations as d')
    .innerJoin('members as m', (join) => join.onRef('m.org_id', '=', 'd.org_id').onRef('m.member_id', '=', 'd.delegator_id'))
    .select(['d.delegation_id', 'd.delegator_id'])
    .where('d.org_id', '=', orgId)
    .where('d.delegate_id', '=', memberId)
    .where((where) => where.or([where('d.project_id', 'is', null), where('d.project_id', '=', projectId)]))
    .where('d.revoked_at', 'is', null)
    .where(sql<boolean>`d.starts_at <= clock_timestamp() and d.ends_at > clock_timestamp()`)
    .where('m.role', 'in', ['approver', 'admin'])
    .where('m.removed_at', 'is', null)
    .orderBy('d.delegation_id')
    .forShare(['d', 'm'])
    .execute();
  return rows.map((row) => ({ delegationId: row.delegation_id as DelegationId, delegatorId: row.delegator_id as MemberId }));
}
