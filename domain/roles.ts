/**
 * What a member or a key may do. `api/access-table.ts` says for every route which of these it takes.
 *
 *   admin ──► everything, members and keys included
 *   operator ──► projects, targets, scripts, runs          approver ──► decisions on approvals
 *                        └──────────────┬──────────────────────┘
 *                                    viewer ──► reading
 *
 * Operator and approver are apart on purpose: who starts a run does not approve what it sends.
 */
export const roles = ['viewer', 'operator', 'approver', 'admin'] as const;
export type Role = (typeof roles)[number];

const within: Readonly<Record<Role, readonly Role[]>> = {
  viewer: ['viewer'],
  operator: ['viewer', 'operator'],
  approver: ['viewer', 'approver'],
  admin: roles,
};

/** Whether a member of this role may hold a key of that one. */
export function mayHold(member: Role, key: Role): boolean {
  return within[member].includes(key);
}

/** What a key may do now: its own role, or only reading once its member may no longer hold that. */
export function effectiveRole(member: Role, key: Role): Role {
  return mayHold(member, key) ? key : 'viewer';
}
