import { sql } from 'kysely';

import type { ApiKeyId, MemberId, OrgId } from '../../domain/ids.ts';
import { effectiveRole, type Role } from '../../domain/roles.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface ApiKeyRow {
  readonly secretHash: string;
  readonly memberId: MemberId;
  /** What the key may do now. */
  readonly role: Role;
  /** Neither revoked nor expired, of a member who was not removed. Any other may do nothing. */
  readonly isLive: boolean;
}

export async function findApiKey(tx: OrgTransaction, orgId: OrgId, keyId: ApiKeyId): Promise<ApiKeyRow | undefined> {
  const row = await tx
    .selectFrom('api_keys as k')
    .innerJoin('members as m', (join) => join.onRef('m.org_id', '=', 'k.org_id').onRef('m.member_id', '=', 'k.member_id'))
    .select(['k.secret_hash', 'k.member_id', 'k.role as key_role', 'm.role as member_role'])
    .select(sql<boolean>`k.revoked_at is null and m.removed_at is null and coalesce(k.expires_at > now(), true)`.as('is_live'))
    .where('k.org_id', '=', orgId)
    .where('k.key_id', '=', keyId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    secretHash: row.secret_hash,
    memberId: row.member_id as MemberId,
    role: effectiveRole(row.member_role as Role, row.key_role as Role),
    isLive: row.is_live,
  };
}
