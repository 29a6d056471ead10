import type { OrgId } from '../../domain/ids.ts';
import type { Plan, QuotaOverrides } from '../../domain/quotas.ts';
import { insertAudit } from '../insert-audit.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Gives an organization a plan, and what is agreed beyond it; false when there is no such organization. */
export async function setPlan(
  tx: OrgTransaction,
  orgId: OrgId,
  to: { readonly plan: Plan; readonly overrides: QuotaOverrides },
): Promise<boolean> {
  const row = await tx
    .updateTable('organizations')
    .set({ plan: to.plan, quota_overrides: JSON.stringify(to.overrides) })
    .where('org_id', '=', orgId)
    .returning('org_id')
    .executeTakeFirst();
  if (row === undefined) return false;
  const detail = { plan: to.plan, overrides: to.overrides };
  await insertAudit(tx, { orgId, actor: 'operator', action: 'organization.plan', objectType: 'organization', objectId: orgId, detail });
  return true;
}
