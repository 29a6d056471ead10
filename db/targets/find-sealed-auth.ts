import type { OrgId, TargetId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** The sealed credential of a target; null when it has none. */
export async function findSealedAuth(tx: OrgTransaction, orgId: OrgId, targetId: TargetId): Promise<string | null> {
  const row = await tx
    .selectFrom('targets')
    .select('sealed_auth')
    .where('org_id', '=', orgId)
    .where('target_id', '=', targetId)
    .executeTakeFirst();
  return row?.sealed_auth ?? null;
}
