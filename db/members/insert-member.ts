import type { Member } from '../../contracts/member.ts';
import type { MemberId, OrgId } from '../../domain/ids.ts';
import type { Role } from '../../domain/roles.ts';
import type { OrgTransaction } from '../with-org.ts';
import { memberColumns, toMember } from './member-record.ts';

export async function insertMember(
  tx: OrgTransaction,
  member: { readonly orgId: OrgId; readonly memberId: MemberId; readonly name: string; readonly role: Role },
): Promise<Member> {
  const row = await tx
    .insertInto('members')
    .values({ org_id: member.orgId, member_id: member.memberId, name: member.name, role: member.role })
    .returning(memberColumns)
    .executeTakeFirstOrThrow();
  return toMember(row);
}
