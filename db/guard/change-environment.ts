import { sql } from 'kysely';

import type { OrgId, ProjectId } from '../../domain/ids.ts';
import type { Environment } from '../../domain/risk/assess-risk.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Says anew what a project's targets serve, and voids its confirmations; false when it was said so already. */
export async function changeEnvironment(
  tx: OrgTransaction,
  { orgId, projectId, environment }: { readonly orgId: OrgId; readonly projectId: ProjectId; readonly environment: Environment },
): Promise<boolean> {
  const changed = await tx
    .updateTable('projects')
    .set({ environment })
    .where('org_id', '=', orgId)
    .where('project_id', '=', projectId)
    .where('environment', '<>', environment)
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await tx
    .updateTable('production_confirmations')
    .set({ voided_at: sql<Date>`now()`, void_reason: `the environment was changed to ${environment}` })
    .where('org_id', '=', orgId)
    .where('project_id', '=', projectId)
    .where('voided_at', 'is', null)
    .execute();
  return true;
}
