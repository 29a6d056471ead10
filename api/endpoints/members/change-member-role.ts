import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { memberSchema, newRoleSchema } from '../../../contracts/member.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { changeMember } from '../../../db/members/change-member.ts';
import { defineChange } from '../../define-endpoint.ts';
import { requireChanged } from '../../require-changed.ts';

export const changeMemberRole = defineChange({
  id: 'changeMemberRole',
  method: 'post',
  path: '/api/members/:memberId/role',
  tag: 'members',
  summary: 'Give a member another role; it holds for the next request of each of its keys',
  auth: 'apiKey',
  failures: ['conflict'],
  input: { params: z.object({ memberId: idSchema('member') }), body: newRoleSchema },
  output: { status: 200, description: 'The member', schema: memberSchema },
  change: async (tx, { params, body }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const { memberId } = params;
    const change = { kind: 'role', role: body.role } as const;
    const { member } = requireChanged(await changeMember(tx, { orgId, memberId, change }), 'member', memberId);
    const detail = { role: body.role };
    await insertAudit(tx, { orgId, actor, requestId, action: 'member.change_role', objectType: 'member', objectId: memberId, detail });
    return { body: member };
  },
});
