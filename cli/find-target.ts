import { idSchema } from '../contracts/id.ts';
import { targetSchema, type Target } from '../contracts/target.ts';
import type { ApiClient } from './api-client.ts';
import { findByName } from './find-by-name.ts';
import { findProject } from './find-project.ts';

/** A target by id, or by name in its project; the only one when nothing is said. */
export async function findTarget(
  api: ApiClient,
  { project, target }: { readonly project?: string | undefined; readonly target?: string | undefined },
): Promise<Target> {
  const targetId = idSchema('target').safeParse(target);
  if (project === undefined && targetId.success) return api.get(`/api/targets/${targetId.data}`, targetSchema);
  const { projectId } = await findProject(api, project);
  const targets = await api.list(`/api/projects/${projectId}/targets`, targetSchema);
  return findByName(
    targets.map((item) => ({ ...item, id: item.targetId })),
    { noun: 'target', wanted: target },
  );
}
