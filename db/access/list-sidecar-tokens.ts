import type { SidecarToken } from '../../contracts/sidecar-token.ts';
import type { OrgId, TargetId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { sidecarTokenColumns, toSidecarToken } from './sidecar-token-record.ts';

/** Tokens of a target from the newest on, revoked ones too, starting below `before`. */
export async function listSidecarTokens(
  tx: OrgTransaction,
  orgId: OrgId,
  page: { readonly targetId: TargetId; readonly before: string | undefined; readonly rows: number },
): Promise<SidecarToken[]> {
  let query = tx
    .selectFrom('sidecar_tokens')
    .select(sidecarTokenColumns)
    .where('org_id', '=', orgId)
    .where('target_id', '=', page.targetId);
  if (page.before !== undefined) query = query.where('token_id', '<', page.before);
  const rows = await query.orderBy('token_id', 'desc').limit(page.rows).execute();
  return rows.map(toSidecarToken);
}
