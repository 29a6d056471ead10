import { findMember } from '../db/members/find-member.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import { mayHold } from '../domain/roles.ts';
import type { Principals } from './request-context.ts';

/**
 * Throws `forbidden` for a key that decides nothing whoever holds it: one that may do less than its member, and is no
 * approver's. Whether its member has a right to decide, of their own or lent, is another question.
 */
export async function requireDecidingKey(tx: OrgTransaction, { orgId, memberId, role }: Principals['apiKey']): Promise<void> {
  if (mayHold(role, 'approver')) return;
  const member = await findMember(tx, orgId, memberId);
  if (member?.role === role) return;
  throw new OrdealError('forbidden', `This key is ${role} and its member is ${member?.role ?? 'gone'}: decide with a key of that role.`);
}
