import type { OrgId, SidecarTokenId, TargetId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface NewSidecarTokenRow {
  readonly orgId: OrgId;
  readonly tokenId: SidecarTokenId;
  readonly targetId: TargetId;
  readonly secretHash: string;
  readonly sealedSigningKey: string;
}

/** Stores a sidecar token; returns when it was made. */
export async function insertSidecarToken(tx: OrgTransaction, token: NewSidecarTokenRow): Promise<Date> {
  const row = await tx
    .insertInto('sidecar_tokens')
    .values({
      org_id: token.orgId,
      token_id: token.tokenId,
      target_id: token.targetId,
      secret_hash: token.secretHash,
      sealed_signing_key: token.sealedSigningKey,
    })
    .returning('created_at')
    .executeTakeFirstOrThrow();
  return row.created_at;
}
