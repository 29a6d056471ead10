import type { OrgId, ProjectId } from '../../domain/ids.ts';
import type { Confirmation, GuardSnapshot, GuardStatement } from '../../domain/production-guard.ts';
import type { Environment } from '../../domain/risk/assess-risk.ts';
import type { OrgTransaction } from '../with-org.ts';

/** What a project's targets serve, and the confirmations that stand; undefined when there is no such project. */
export async function loadGuard(tx: OrgTransaction, orgId: OrgId, projectId: ProjectId): Promise<GuardSnapshot | undefined> {
  const project = await tx
    .selectFrom('projects')
    .select('environment')
    .where('org_id', '=', orgId)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  if (project === undefined) return undefined;
  const rows = await tx
    .selectFrom('production_confirmations')
    .select(['statement', 'member_id', 'member_name', 'key_id', 'reason', 'confirmed_at'])
    .where('org_id', '=', orgId)
    .where('project_id', '=', projectId)
    .where('voided_at', 'is', null)
    .orderBy('confirmed_at')
    .execute();
  const confirmations = rows.map((row): Confirmation => ({
    statement: row.statement as GuardStatement,
    memberId: row.member_id,
    memberName: row.member_name,
    keyId: row.key_id,
    reason: row.reason,
    confirmedAt: row.confirmed_at.toISOString(),
  }));
  return { environment: project.environment as Environment, confirmations };
}
