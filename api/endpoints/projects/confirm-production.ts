import { z } from 'zod';

import { guardSchema, newConfirmationSchema } from '../../../contracts/guard.ts';
import { idSchema } from '../../../contracts/id.ts';
import { insertConfirmation } from '../../../db/guard/insert-confirmation.ts';
import { loadGuard } from '../../../db/guard/load-guard.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';
import { guardView } from '../../guard-view.ts';
import { sha256Hex } from '../../../runtime/sha256.ts';

export const confirmProduction = defineChange({
  id: 'confirmProduction',
  method: 'post',
  path: '/api/projects/:projectId/confirmations',
  tag: 'projects',
  summary: 'Confirm one statement for runs in production, by name and with a reason',
  auth: 'apiKey',
  failures: ['conflict'],
  input: { params: z.object({ projectId: idSchema('project') }), body: newConfirmationSchema },
  output: { status: 201, description: 'The guard; a statement that stands confirmed keeps its first confirmation', schema: guardSchema },
  change: async (tx, { params: { projectId }, body }, { principal, requestId }) => {
    const { orgId, actor, memberId, keyId } = principal;
    const before = requireFound(await loadGuard(tx, orgId, projectId), 'project', projectId);
    if (before.environment !== 'production') {
      throw new OrdealError('conflict', `Project ${projectId} is ${before.environment}: there is nothing to confirm. Runs start without.`);
    }
    const { statement, reason } = body;
    const isNew = await insertConfirmation(tx, { orgId, projectId, statement, memberId, keyId, reason });
    const guard = requireFound(await loadGuard(tx, orgId, projectId), 'project', projectId);
    if (!isNew) return { changesNothing: true, body: guardView(projectId, guard) };
    // What people write is kept beside the audit log: it may have to be erased, and the chain must not.
    const detail = { statement, memberId, reasonSha256: sha256Hex(reason) };
    await insertAudit(tx, {
      orgId,
      actor,
      requestId,
      action: 'project.confirm_production',
      objectType: 'project',
      objectId: projectId,
      detail,
    });
    return { body: guardView(projectId, guard) };
  },
});
