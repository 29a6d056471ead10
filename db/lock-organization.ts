import type { OrgId } from '../domain/ids.ts';
import type { OrgTransaction } from './with-org.ts';

/** Lets one transaction at a time look at what an organization has and then change it. */
export async function lockOrganization(tx: OrgTransaction, orgId: OrgId): Promise<void> {
  await tx.selectFrom('organizations').select('org_id').where('org_id', '=', orgId).forNoKeyUpdate().execute();
}
