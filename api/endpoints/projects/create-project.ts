import { newProjectSchema, projectSchema } from '../../../contracts/project.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { insertProject } from '../../../db/projects/insert-project.ts';
import { plainStyle } from '../../../domain/generation/style.ts';
import { inRegistryOrder } from '../../../domain/generation/styles.ts';
import { newId } from '../../../runtime/new-id.ts';
import { defineChange } from '../../define-endpoint.ts';

export const createProject = defineChange({
  id: 'createProject',
  method: 'post',
  path: '/api/projects',
  tag: 'projects',
  summary: 'Create a project',
  auth: 'apiKey',
  failures: ['quota_exceeded'],
  input: { body: newProjectSchema },
  output: { status: 201, description: 'The project', schema: projectSchema },
  change: async (tx, { body }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const project = await insertProject(tx, {
      orgId,
      projectId: newId('project'),
      name: body.name,
      styles: inRegistryOrder(body.styles ?? [plainStyle]),
      environment: body.environment ?? 'test',
    });
    await insertAudit(tx, { orgId, actor, requestId, action: 'project.create', objectType: 'project', objectId: project.projectId });
    return { body: project };
  },
});
