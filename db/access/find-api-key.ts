import { sql } from 'kysely';

import type { ApiKeyId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Hash of the secret of an API key that is neither revoked nor expired. */
export async function findApiKeyHash(tx: OrgTransaction, orgId: OrgId, keyId: ApiKeyId): Promise<string | undefined> {
  const row = await tx
    .selectFrom('api_keys')
    .select('secret_hash')
    .where('org_id', '=', orgId)
    .where('key_id', '=', keyId)
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`(expires_at is null or expires_at > now())`)
    .executeTakeFirst();
  return row?.secret_hash;
}
