import { projectSchema, type Project } from '../contracts/project.ts';
import type { ApiClient } from './api-client.ts';
import { findByName } from './find-by-name.ts';

/** A project by id or name; the only one when `wanted` is undefined. */
export async function findProject(api: ApiClient, wanted: string | undefined): Promise<Project> {
  const projects = await api.list('/api/projects', projectSchema);
  return findByName(
    projects.map((item) => ({ ...item, id: item.projectId })),
    { noun: 'project', wanted },
  );
}
