import type { Project } from '../../contracts/project.ts';
import type { OrgId, ProjectId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { toProject } from './list-projects.ts';

export async function insertProject(tx: OrgTransaction, project: { orgId: OrgId; projectId: ProjectId; name: string }): Promise<Project> {
  const row = await tx
    .insertInto('projects')
    .values({ org_id: project.orgId, project_id: project.projectId, name: project.name })
    .returning(['project_id', 'name', 'created_at'])
    .executeTakeFirstOrThrow();
  return toProject(row);
}
