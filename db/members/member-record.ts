import type { Member } from '../../contracts/member.ts';
import type { MemberId } from '../../domain/ids.ts';
import type { Role } from '../../domain/roles.ts';

export const memberColumns = ['member_id', 'name', 'role', 'created_at', 'removed_at'] as const;

export function toMember(row: { member_id: string; name: string; role: string; created_at: Date; removed_at: Date | null }): Member {
  return {
    memberId: row.member_id as MemberId,
    name: row.name,
    role: row.role as Role,
    createdAt: row.created_at.toISOString(),
    removedAt: row.removed_at?.toISOString() ?? null,
  };
}
