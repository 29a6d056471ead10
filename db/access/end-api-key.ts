import { sql } from 'kysely';

import type { ApiKeyId, OrgId } from '../../domain/ids.ts';
import { lockOrganization } from '../lock-organization.ts';
import { hasOtherAdminKey } from '../members/change-member.ts';
import type { OrgTransaction } from '../with-org.ts';
import { apiKeyColumns, toApiKeyRecord, type ApiKeyRecord } from './api-key-record.ts';

/** `at_once` revokes; otherwise the key works for so many hours more, and never longer than it would have. */
export type KeyEnd = 'at_once' | { readonly inHours: number };

export type EndedKey =
  | { readonly kind: 'ended'; readonly key: ApiKeyRecord }
  | { readonly kind: 'unknown' }
  /** It is the only key left with which an admin can act. */
  | { readonly kind: 'last_admin' };

/** Ends an API key; one that is revoked stays so. */
export async function endApiKey(
  tx: OrgTransaction,
  { orgId, keyId, end }: { readonly orgId: OrgId; readonly keyId: ApiKeyId; readonly end: KeyEnd },
): Promise<EndedKey> {
  await lockOrganization(tx, orgId);
  const found = await tx
    .selectFrom('api_keys')
    .select(apiKeyColumns)
    .where('org_id', '=', orgId)
    .where('key_id', '=', keyId)
    .executeTakeFirst();
  if (found === undefined) return { kind: 'unknown' };
  if (found.revoked_at !== null) return { kind: 'ended', key: toApiKeyRecord(found) };
  if (found.role === 'admin' && !(await hasOtherAdminKey(tx, orgId, keyId))) return { kind: 'last_admin' };
  const row = await tx
    .updateTable('api_keys')
    .set(
      end === 'at_once'
        ? { revoked_at: sql<Date>`now()` }
        : { expires_at: sql<Date>`least(expires_at, now() + make_interval(hours => ${end.inHours}))` },
    )
    .where('org_id', '=', orgId)
    .where('key_id', '=', keyId)
    .returning(apiKeyColumns)
    .executeTakeFirstOrThrow();
  return { kind: 'ended', key: toApiKeyRecord(row) };
}
