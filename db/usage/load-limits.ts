import type { OrgId } from '../../domain/ids.ts';
import { limitsOf, type Plan, type QuotaLimits, type QuotaOverrides } from '../../domain/quotas.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface OrganizationLimits {
  readonly plan: Plan;
  readonly limits: QuotaLimits;
}

/** The plan of an organization, and what it comes to with what was agreed beyond it. */
export async function loadLimits(tx: OrgTransaction, orgId: OrgId): Promise<OrganizationLimits> {
  const row = await tx
    .selectFrom('organizations')
    .select(['plan', 'quota_overrides'])
    .where('org_id', '=', orgId)
    .executeTakeFirstOrThrow();
  const plan = row.plan as Plan;
  return { plan, limits: limitsOf(plan, row.quota_overrides as QuotaOverrides) };
}
