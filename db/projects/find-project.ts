import type { Project } from '../../contracts/project.ts';
import type { OrgId, ProjectId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { projectColumns, toProject } from './list-projects.ts';

export async function findProject(tx: OrgTransaction, orgId: OrgId, projectId: ProjectId): Promise<Project | undefined> {
  const row = await tx
    .selectFrom('projects')
    .select(projectColumns)
    .where('org_id', '=', orgId)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row === undefined ? undefined : toProject(row);
}
