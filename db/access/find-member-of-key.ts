import type { Member } from '../../contracts/member.ts';
import type { ApiKeyId, MemberId, OrgId } from '../../domain/ids.ts';
import { findMember } from '../members/find-member.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Whose key it is or was; undefined when there is no such key. */
export async function findMemberOfKey(tx: OrgTransaction, orgId: OrgId, keyId: ApiKeyId): Promise<Member | undefined> {
  const row = await tx
    .selectFrom('api_keys')
    .select('member_id')
    .where('org_id', '=', orgId)
    .where('key_id', '=', keyId)
    .executeTakeFirst();
  return row === undefined ? undefined : findMember(tx, orgId, row.member_id as MemberId);
}
