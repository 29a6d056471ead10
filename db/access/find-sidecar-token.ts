import type { OrgId, SidecarTokenId, TargetId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface SidecarTokenRow {
  readonly secretHash: string;
  readonly targetId: TargetId;
}

/** A sidecar token that is not revoked. */
export async function findSidecarToken(tx: OrgTransaction, orgId: OrgId, tokenId: SidecarTokenId): Promise<SidecarTokenRow | undefined> {
  const row = await tx
    .selectFrom('sidecar_tokens')
    .select(['secret_hash', 'target_id'])
    .where('org_id', '=', orgId)
    .where('token_id', '=', tokenId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return row === undefined ? undefined : { secretHash: row.secret_hash, targetId: row.target_id as TargetId };
}
