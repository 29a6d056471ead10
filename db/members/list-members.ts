import type { Member } from '../../contracts/member.ts';
import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { memberColumns, toMember } from './member-record.ts';

/** Members from the newest on, removed ones too, starting below `before`. */
export async function listMembers(
  tx: OrgTransaction,
  orgId: OrgId,
  page: { readonly before: string | undefined; readonly rows: number },
): Promise<Member[]> {
  let query = tx.selectFrom('members').select(memberColumns).where('org_id', '=', orgId);
  if (page.before !== undefined) query = query.where('member_id', '<', page.before);
  const rows = await query.orderBy('member_id', 'desc').limit(page.rows).execute();
  return rows.map(toMember);
}
