import { sql } from 'kysely';

import type { Member } from '../../contracts/member.ts';
import type { MemberId, OrgId } from '../../domain/ids.ts';
import type { Role } from '../../domain/roles.ts';
import { lockOrganization } from '../lock-organization.ts';
import type { OrgTransaction } from '../with-org.ts';
import { findMember } from './find-member.ts';
import { memberColumns, toMember } from './member-record.ts';

export type MemberChange = { readonly kind: 'role'; readonly role: Role } | { readonly kind: 'removal' };

export type ChangedMember =
  | { readonly kind: 'changed'; readonly member: Member }
  | { readonly kind: 'unknown' }
  /** Without this member the organization would have no admin with a working key. */
  | { readonly kind: 'last_admin' };

/**
 * Gives a member another role, or removes the member with all keys; done twice, it is the same as once. The organization
 * always keeps an admin who holds a key of an admin: changes of members wait for each other.
 */
export async function changeMember(
  tx: OrgTransaction,
  { orgId, memberId, change }: { readonly orgId: OrgId; readonly memberId: MemberId; readonly change: MemberChange },
): Promise<ChangedMember> {
  await lockOrganization(tx, orgId);
  const member = await findMember(tx, orgId, memberId);
  if (member === undefined) return { kind: 'unknown' };
  if (member.removedAt !== null) return change.kind === 'removal' ? { kind: 'changed', member } : { kind: 'unknown' };
  const staysAdmin = change.kind === 'role' && change.role === 'admin';
  if (member.role === 'admin' && !staysAdmin && !(await hasOtherAdmin(tx, orgId, memberId))) return { kind: 'last_admin' };
  const row = await tx
    .updateTable('members')
    .set(change.kind === 'role' ? { role: change.role } : { removed_at: sql<Date>`now()` })
    .where('org_id', '=', orgId)
    .where('member_id', '=', memberId)
    .returning(memberColumns)
    .executeTakeFirstOrThrow();
  return { kind: 'changed', member: toMember(row) };
}

async function hasOtherAdmin(tx: OrgTransaction, orgId: OrgId, memberId: MemberId): Promise<boolean> {
  const row = await adminKeys(tx, orgId).where('m.member_id', '<>', memberId).executeTakeFirst();
  return row !== undefined;
}

/** Whether an admin's key other than this one works and stays so. */
export async function hasOtherAdminKey(tx: OrgTransaction, orgId: OrgId, keyId: string): Promise<boolean> {
  const row = await adminKeys(tx, orgId).where('k.key_id', '<>', keyId).executeTakeFirst();
  return row !== undefined;
}

function adminKeys(tx: OrgTransaction, orgId: OrgId) {
  return tx
    .selectFrom('api_keys as k')
    .innerJoin('members as m', (join) => join.onRef('m.org_id', '=', 'k.org_id').onRef('m.member_id', '=', 'k.member_id'))
    .select('k.key_id')
    .where('k.org_id', '=', orgId)
    .where('k.role', '=', 'admin')
    .where('m.role', '=', 'admin')
    .where('m.removed_at', 'is', null)
    .where('k.revoked_at', 'is', null)
    .where('k.expires_at', 'is', null)
    .limit(1);
}
