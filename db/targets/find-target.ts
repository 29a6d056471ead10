import type { Target } from '../../contracts/target.ts';
import type { OrgId, TargetId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { selectTargets, toTarget } from './list-targets.ts';

export async function findTarget(tx: OrgTransaction, orgId: OrgId, targetId: TargetId): Promise<Target | undefined> {
  const row = await selectTargets(tx, orgId).where('target_id', '=', targetId).executeTakeFirst();
  return row === undefined ? undefined : toTarget(row);
}
