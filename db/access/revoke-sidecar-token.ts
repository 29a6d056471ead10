import { sql } from 'kysely';

import type { SidecarToken } from '../../contracts/sidecar-token.ts';
import type { OrgId, SidecarTokenId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { sidecarTokenColumns, toSidecarToken } from './sidecar-token-record.ts';

/** Ends a sidecar token; one that was ended before keeps its time. Undefined when there is none. */
export async function revokeSidecarToken(
  tx: OrgTransaction,
  { orgId, tokenId }: { readonly orgId: OrgId; readonly tokenId: SidecarTokenId },
): Promise<{ readonly isNew: boolean; readonly token: SidecarToken } | undefined> {
  const revoked = await tx
    .updateTable('sidecar_tokens')
    .set({ revoked_at: sql<Date>`now()` })
    .where('org_id', '=', orgId)
    .where('token_id', '=', tokenId)
    .where('revoked_at', 'is', null)
    .returning(sidecarTokenColumns)
    .executeTakeFirst();
  if (revoked !== undefined) return { isNew: true, token: toSidecarToken(revoked) };
  const found = await tx
    .selectFrom('sidecar_tokens')
    .select(sidecarTokenColumns)
    .where('org_id', '=', orgId)
    .where('token_id', '=', tokenId)
    .executeTakeFirst();
  return found === undefined ? undefined : { isNew: false, token: toSidecarToken(found) };
}
