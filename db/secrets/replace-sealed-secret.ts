import { assertNever } from '../../domain/assert-never.ts';
import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import type { OutdatedSecret } from './lock-outdated-secrets.ts';

/** Puts the same secret, sealed with another key, in the place of what was sealed. It is no change of its object. */
export async function replaceSealedSecret(tx: OrgTransaction, orgId: OrgId, { kind, id, sealed }: OutdatedSecret): Promise<void> {
  switch (kind) {
    case 'target':
      await tx.updateTable('targets').set({ sealed_auth: sealed }).where('org_id', '=', orgId).where('target_id', '=', id).execute();
      return;
    case 'sidecar_token':
      await tx
        .updateTable('sidecar_tokens')
        .set({ sealed_signing_key: sealed })
        .where('org_id', '=', orgId)
        .where('token_id', '=', id)
        .execute();
      return;
    case 'webhook':
      await tx.updateTable('webhooks').set({ sealed_secret: sealed }).where('org_id', '=', orgId).where('webhook_id', '=', id).execute();
      return;
    case 'webhook_previous':
      await tx
        .updateTable('webhooks')
        .set({ sealed_previous_secret: sealed })
        .where('org_id', '=', orgId)
        .where('webhook_id', '=', id)
        .execute();
      return;
    default:
      assertNever(kind);
  }
}
