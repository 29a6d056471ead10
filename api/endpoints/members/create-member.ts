import { memberSchema, newMemberSchema } from '../../../contracts/member.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { insertMember } from '../../../db/members/insert-member.ts';
import { newId } from '../../../runtime/new-id.ts';
import { defineChange } from '../../define-endpoint.ts';

export const createMember = defineChange({
  id: 'createMember',
  method: 'post',
  path: '/api/members',
  tag: 'members',
  summary: 'Add a member: a person or a machine that may hold keys',
  auth: 'apiKey',
  failures: [],
  input: { body: newMemberSchema },
  output: { status: 201, description: 'The member', schema: memberSchema },
  change: async (tx, { body }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const member = await insertMember(tx, { orgId, memberId: newId('member'), name: body.name, role: body.role });
    const detail = { role: member.role };
    await insertAudit(tx, { orgId, actor, requestId, action: 'member.create', objectType: 'member', objectId: member.memberId, detail });
    return { body: member };
  },
});
