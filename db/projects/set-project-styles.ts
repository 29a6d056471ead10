import type { Project } from '../../contracts/project.ts';
import type { OrgId, ProjectId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { projectColumns, toProject } from './list-projects.ts';

/** Sets the styles that runs of a project use; undefined when there is no such project. */
export async function setProjectStyles(
  tx: OrgTransaction,
  { orgId, projectId, styles }: { readonly orgId: OrgId; readonly projectId: ProjectId; readonly styles: readonly string[] },
): Promise<Project | undefined> {
  const row = await tx
    .updateTable('projects')
    .set({ styles: [...styles] })
    .where('org_id', '=', orgId)
    .where('project_id', '=', projectId)
    .returning(projectColumns)
    .executeTakeFirst();
  return row === undefined ? undefined : toProject(row);
}
