import type { Target } from '../../contracts/target.ts';
import type { OrgId, TargetId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { toTarget } from './list-targets.ts';
import { targetColumns } from './target-columns.ts';

/** A target with its sealed credential, locked until the end of the transaction: a change is made of what was read. */
export async function lockTarget(
  tx: OrgTransaction,
  orgId: OrgId,
  targetId: TargetId,
): Promise<{ readonly target: Target; readonly sealedAuth: string | null } | undefined> {
  const row = await tx
    .selectFrom('targets')
    .select([...targetColumns, 'sealed_auth'])
    .where('org_id', '=', orgId)
    .where('target_id', '=', targetId)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : { target: toTarget(row), sealedAuth: row.sealed_auth };
}
