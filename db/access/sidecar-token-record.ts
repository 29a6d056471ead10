import type { SidecarToken } from '../../contracts/sidecar-token.ts';
import type { SidecarTokenId, TargetId } from '../../domain/ids.ts';

export const sidecarTokenColumns = ['token_id', 'target_id', 'name', 'created_at', 'revoked_at'] as const;

/** A sidecar token as lists show it: everything but its secret. */
export function toSidecarToken(row: {
  token_id: string;
  target_id: string;
  name: string | null;
  created_at: Date;
  revoked_at: Date | null;
}): SidecarToken {
  return {
    tokenId: row.token_id as SidecarTokenId,
    targetId: row.target_id as TargetId,
    name: row.name,
    createdAt: row.created_at.toISOString(),
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}
