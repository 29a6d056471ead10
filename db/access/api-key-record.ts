import type { ApiKey } from '../../contracts/member.ts';
import type { ApiKeyId, MemberId } from '../../domain/ids.ts';
import type { Role } from '../../domain/roles.ts';

/** An API key as lists show it: everything but its secret. */
export type ApiKeyRecord = ApiKey;

export const apiKeyColumns = ['key_id', 'member_id', 'name', 'role', 'created_at', 'expires_at', 'revoked_at'] as const;

export function toApiKeyRecord(row: {
  key_id: string;
  member_id: string;
  name: string;
  role: string;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
}): ApiKeyRecord {
  return {
    keyId: row.key_id as ApiKeyId,
    memberId: row.member_id as MemberId,
    name: row.name,
    role: row.role as Role,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}
