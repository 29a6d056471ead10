import type { Project } from '../../contracts/project.ts';
import type { OrgId, ProjectId } from '../../domain/ids.ts';
import type { Environment } from '../../domain/risk/assess-risk.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Projects from the newest on, starting below `before`. */
export async function listProjects(
  tx: OrgTransaction,
  orgId: OrgId,
  page: { readonly before: string | undefined; readonly rows: number },
): Promise<Project[]> {
  let query = tx.selectFrom('projects').select(projectColumns).where('org_id', '=', orgId);
  if (page.before !== undefined) query = query.where('project_id', '<', page.before);
  const rows = await query.orderBy('project_id', 'desc').limit(page.rows).execute();
  return rows.map(toProject);
}

export const projectColumns = ['project_id', 'name', 'styles', 'environment', 'created_at'] as const;

export function toProject(row: { project_id: string; name: string; styles: string[]; environment: string; created_at: Date }): Project {
  return {
    projectId: row.project_id as ProjectId,
    name: row.name,
    styles: row.styles,
    environment: row.environment as Environment,
    createdAt: row.created_at.toISOString(),
  };
}
