import type { Project } from '../../contracts/project.ts';
import type { OrgId, ProjectId } from '../../domain/ids.ts';
import type { Environment } from '../../domain/risk/assess-risk.ts';
import type { OrgTransaction } from '../with-org.ts';
import { admitProject } from '../usage/admit-project.ts';
import { projectColumns, toProject } from './list-projects.ts';

export interface NewProject {
  readonly orgId: OrgId;
  readonly projectId: ProjectId;
  readonly name: string;
  readonly styles: readonly string[];
  readonly environment: Environment;
}

/** Makes a project; throws `quota_exceeded` when the organization has no room for one more. */
export async function insertProject(tx: OrgTransaction, project: NewProject): Promise<Project> {
  const row = await tx
    .insertInto('projects')
    .values({
      org_id: project.orgId,
      project_id: project.projectId,
      name: project.name,
      styles: [...project.styles],
      environment: project.environment,
    })
    .returning(projectColumns)
    .executeTakeFirstOrThrow();
  await admitProject(tx, project.orgId);
  return toProject(row);
}
