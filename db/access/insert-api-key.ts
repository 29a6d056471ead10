import { sql } from 'kysely';

import type { ApiKeyId, MemberId, OrgId } from '../../domain/ids.ts';
import type { Role } from '../../domain/roles.ts';
import type { OrgTransaction } from '../with-org.ts';
import { apiKeyColumns, toApiKeyRecord, type ApiKeyRecord } from './api-key-record.ts';

export interface NewApiKeyRow {
  readonly orgId: OrgId;
  readonly keyId: ApiKeyId;
  readonly memberId: MemberId;
  readonly name: string;
  readonly role: Role;
  readonly secretHash: string;
  /** Days from now by the clock of the database; `null` for a key that does not expire. */
  readonly expiresInDays: number | null;
}

/** Stores an API key. */
export async function insertApiKey(tx: OrgTransaction, key: NewApiKeyRow): Promise<ApiKeyRecord> {
  const row = await tx
    .insertInto('api_keys')
    .values({
      org_id: key.orgId,
      key_id: key.keyId,
      member_id: key.memberId,
      name: key.name,
      role: key.role,
      secret_hash: key.secretHash,
      expires_at: key.expiresInDays === null ? null : sql<Date>`now() + make_interval(days => ${key.expiresInDays})`,
    })
    .returning(apiKeyColumns)
    .executeTakeFirstOrThrow();
  return toApiKeyRecord(row);
}
