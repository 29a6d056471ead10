import type { Member } from '../../contracts/member.ts';
import type { MemberId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { memberColumns, toMember } from './member-record.ts';

export async function findMember(tx: OrgTransaction, orgId: OrgId, memberId: MemberId): Promise<Member | undefined> {
  const row = await tx
    .selectFrom('members')
    .select(memberColumns)
    .where('org_id', '=', orgId)
    .where('member_id', '=', memberId)
    .executeTakeFirst();
  return row === undefined ? undefined : toMember(row);
}
