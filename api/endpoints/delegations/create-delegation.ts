import { delegationSchema, newDelegationSchema } from '../../../contracts/delegation.ts';
import { insertDelegation } from '../../../db/delegations/insert-delegation.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { findMember } from '../../../db/members/find-member.ts';
import { findProject } from '../../../db/projects/find-project.ts';
import { auditText } from '../../../domain/audit-detail.ts';
import { OrdealError, type FieldIssue } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { newId } from '../../../runtime/new-id.ts';
import { defineChange } from '../../define-endpoint.ts';

export const createDelegation = defineChange({
  id: 'createDelegation',
  method: 'post',
  path: '/api/delegations',
  tag: 'delegations',
  summary: 'Lend your right to decide about approvals to another member for a while; the two give one vote together',
  auth: 'apiKey',
  failures: ['conflict'],
  input: { body: newDelegationSchema },
  output: { status: 201, description: 'The delegation', schema: delegationSchema },
  change: async (tx, { body }, { principal: { orgId, memberId, actor }, requestId }) => {
    const { delegateId, projectId = null, startsAt, endsAt } = body;
    if (delegateId === memberId) throw invalid({ field: 'delegateId', message: 'is yourself' });
    const delegate = requireFound(await findMember(tx, orgId, delegateId), 'member', delegateId);
    if (delegate.removedAt !== null) throw new OrdealError('conflict', `Member ${delegateId} was removed.`);
    if (projectId !== null) requireFound(await findProject(tx, orgId, projectId), 'project', projectId);
    const delegationId = newId('delegation');
    const delegation = await insertDelegation(tx, {
      orgId,
      delegationId,
      delegatorId: memberId,
      delegateId,
      projectId,
      startsAt: startsAt === undefined ? null : new Date(startsAt),
      endsAt: new Date(endsAt),
      createdBy: actor,
    });
    if ('message' in delegation) throw invalid(delegation);
    const detail = {
      delegatorId: memberId,
      delegateId,
      projectId,
      startsAt: auditText('instant', delegation.startsAt),
      endsAt: auditText('instant', delegation.endsAt),
    };
    await insertAudit(tx, {
      orgId,
      actor,
      requestId,
      action: 'delegation.create',
      objectType: 'delegation',
      objectId: delegationId,
      detail,
    });
    return { body: delegation };
  },
});

function invalid(issue: FieldIssue): OrdealError {
  return new OrdealError('invalid_request', `${issue.field} ${issue.message}`, { issues: [issue] });
}
