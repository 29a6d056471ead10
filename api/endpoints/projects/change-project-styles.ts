import { z } from 'zod';

import { projectStylesSchema } from '../../../contracts/generation.ts';
import { idSchema } from '../../../contracts/id.ts';
import { projectSchema } from '../../../contracts/project.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { setProjectStyles } from '../../../db/projects/set-project-styles.ts';
import { auditText } from '../../../domain/audit-detail.ts';
import { inRegistryOrder } from '../../../domain/generation/styles.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';

export const changeProjectStyles = defineChange({
  id: 'changeProjectStyles',
  method: 'post',
  path: '/api/projects/:projectId/styles',
  tag: 'projects',
  summary: 'Set the styles that runs of a project use; runs that are planned already keep theirs',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ projectId: idSchema('project') }), body: projectStylesSchema },
  output: { status: 200, description: 'The project', schema: projectSchema },
  change: async (tx, { params, body }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const { projectId } = params;
    const styles = inRegistryOrder(body.styles);
    const project = requireFound(await setProjectStyles(tx, { orgId, projectId, styles }), 'project', projectId);
    const detail = { styles: styles.map((style) => auditText('slug', style)) };
    await insertAudit(tx, { orgId, actor, requestId, action: 'project.change_styles', objectType: 'project', objectId: projectId, detail });
    return { body: project };
  },
});
