import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { memberSchema } from '../../../contracts/member.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { changeMember } from '../../../db/members/change-member.ts';
import { defineChange } from '../../define-endpoint.ts';
import { requireChanged } from '../../require-changed.ts';

export const removeMember = defineChange({
  id: 'removeMember',
  method: 'post',
  path: '/api/members/:memberId/remove',
  tag: 'members',
  summary: 'Remove a member; none of its keys works any more',
  auth: 'apiKey',
  failures: ['conflict'],
  input: { params: z.object({ memberId: idSchema('member') }) },
  output: { status: 200, description: 'The member', schema: memberSchema },
  change: async (tx, { params }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const { memberId } = params;
    const { member } = requireChanged(await changeMember(tx, { orgId, memberId, change: { kind: 'removal' } }), 'member', memberId);
    await insertAudit(tx, { orgId, actor, requestId, action: 'member.remove', objectType: 'member', objectId: memberId });
    return { body: member };
  },
});
