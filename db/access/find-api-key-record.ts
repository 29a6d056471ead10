import type { ApiKeyId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { apiKeyColumns, toApiKeyRecord, type ApiKeyRecord } from './api-key-record.ts';

/** An API key, alive or not. */
export async function findApiKeyRecord(tx: OrgTransaction, orgId: OrgId, keyId: ApiKeyId): Promise<ApiKeyRecord | undefined> {
  const row = await tx
    .selectFrom('api_keys')
    .select(apiKeyColumns)
    .where('org_id', '=', orgId)
    .where('key_id', '=', keyId)
    .executeTakeFirst();
  return row === undefined ? undefined : toApiKeyRecord(row);
}
