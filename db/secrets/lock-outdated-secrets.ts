import { sql } from 'kysely';

import type { SealedKind } from '../../contracts/secret.ts';
import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** A value that is sealed with another key than the newest. */
export interface OutdatedSecret {
  readonly kind: SealedKind;
  readonly id: string;
  readonly sealed: string;
}

/** Sealed values whose key is not `keyId`, at most `maxRows` of each kind, locked until the end of the transaction. */
export async function lockOutdatedSecrets(
  tx: OrgTransaction,
  orgId: OrgId,
  { keyId, maxRows }: { readonly keyId: string; readonly maxRows: number },
): Promise<readonly OutdatedSecret[]> {
  const targets = await tx
    .selectFrom('targets')
    .select(['target_id as id', sql<string>`sealed_auth`.as('sealed')])
    .where('org_id', '=', orgId)
    .where('sealed_auth', 'is not', null)
    .where(sql<boolean>`split_part(sealed_auth, '.', 2) <> ${keyId}`)
    .orderBy('target_id')
    .limit(maxRows)
    .forUpdate()
    .execute();
  const tokens = await tx
    .selectFrom('sidecar_tokens')
    .select(['token_id as id', 'sealed_signing_key as sealed'])
    .where('org_id', '=', orgId)
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`split_part(sealed_signing_key, '.', 2) <> ${keyId}`)
    .orderBy('token_id')
    .limit(maxRows)
    .forUpdate()
    .execute();
  const webhooks = await lockWebhookSecrets(tx, orgId, { keyId, maxRows });
  return [
    ...targets.map((row) => ({ kind: 'target' as const, ...row })),
    ...tokens.map((row) => ({ kind: 'sidecar_token' as const, ...row })),
    ...webhooks,
  ];
}

/** Of a webhook, the secret that is and the one before: `maxRows` counts webhooks. */
async function lockWebhookSecrets(
  tx: OrgTransaction,
  orgId: OrgId,
  { keyId, maxRows }: { readonly keyId: string; readonly maxRows: number },
): Promise<readonly OutdatedSecret[]> {
  const rows = await tx
    .selectFrom('webhooks')
    .select(['webhook_id as id', 'sealed_secret', 'sealed_previous_secret'])
    .where('org_id', '=', orgId)
    .where(sql<boolean>`split_part(sealed_secret, '.', 2) <> ${keyId} or split_part(sealed_previous_secret, '.', 2) <> ${keyId}`)
    .orderBy('webhook_id')
    .limit(maxRows)
    .forUpdate()
    .execute();
  const isOutdated = (sealed: string | null): sealed is string => sealed !== null && sealed.split('.')[1] !== keyId;
  return rows.flatMap(({ id, sealed_secret: current, sealed_previous_secret: previous }) => [
    ...(isOutdated(current) ? [{ kind: 'webhook' as const, id, sealed: current }] : []),
    ...(isOutdated(previous) ? [{ kind: 'webhook_previous' as const, id, sealed: previous }] : []),
  ]);
}
