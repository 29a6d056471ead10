import { sql } from 'kysely';

import type { OrgId, SidecarTokenId, TargetId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface SidecarTokenRow {
  readonly secretHash: string;
  readonly targetId: TargetId;
  /** Not revoked. Any other may do nothing. */
  readonly isLive: boolean;
}

export async function findSidecarToken(tx: OrgTransaction, orgId: OrgId, tokenId: SidecarTokenId): Promise<SidecarTokenRow | undefined> {
  const row = await tx
    .selectFrom('sidecar_tokens')
    .select(['secret_hash', 'target_id', sql<boolean>`revoked_at is null`.as('is_live')])
    .where('org_id', '=', orgId)
    .where('token_id', '=', tokenId)
    .executeTakeFirst();
  return row === undefined ? undefined : { secretHash: row.secret_hash, targetId: row.target_id as TargetId, isLive: row.is_live };
}
