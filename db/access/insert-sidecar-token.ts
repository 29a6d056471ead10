import type { SidecarToken } from '../../contracts/sidecar-token.ts';
import type { OrgId, SidecarTokenId, TargetId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { sidecarTokenColumns, toSidecarToken } from './sidecar-token-record.ts';

export interface NewSidecarTokenRow {
  readonly orgId: OrgId;
  readonly tokenId: SidecarTokenId;
  readonly targetId: TargetId;
  readonly name: string | null;
  readonly secretHash: string;
  readonly sealedSigningKey: string;
}

export async function insertSidecarToken(tx: OrgTransaction, token: NewSidecarTokenRow): Promise<SidecarToken> {
  const row = await tx
    .insertInto('sidecar_tokens')
    .values({
      org_id: token.orgId,
      token_id: token.tokenId,
      target_id: token.targetId,
      name: token.name,
      secret_hash: token.secretHash,
      sealed_signing_key: token.sealedSigningKey,
    })
    .returning(sidecarTokenColumns)
    .executeTakeFirstOrThrow();
  return toSidecarToken(row);
}
