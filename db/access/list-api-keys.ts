import type { MemberId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { apiKeyColumns, toApiKeyRecord, type ApiKeyRecord } from './api-key-record.ts';

/** Keys from the newest on, dead ones too, starting below `before`. */
export async function listApiKeys(
  tx: OrgTransaction,
  orgId: OrgId,
  page: { readonly before: string | undefined; readonly rows: number; readonly memberId: MemberId | undefined },
): Promise<ApiKeyRecord[]> {
  let query = tx.selectFrom('api_keys').select(apiKeyColumns).where('org_id', '=', orgId);
  if (page.before !== undefined) query = query.where('key_id', '<', page.before);
  if (page.memberId !== undefined) query = query.where('member_id', '=', page.memberId);
  const rows = await query.orderBy('key_id', 'desc').limit(page.rows).execute();
  return rows.map(toApiKeyRecord);
}
