import { sql } from 'kysely';

import type { Target } from '../../contracts/target.ts';
import type { OrgId, ProjectId, TargetId } from '../../domain/ids.ts';
import type { TargetDefinition } from '../../domain/target.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface TargetPage {
  readonly projectId: ProjectId;
  readonly before: string | undefined;
  readonly rows: number;
}

/** Targets of a project from the newest on, starting below `before`. */
export async function listTargets(tx: OrgTransaction, orgId: OrgId, page: TargetPage): Promise<Target[]> {
  let query = selectTargets(tx, orgId).where('project_id', '=', page.projectId);
  if (page.before !== undefined) query = query.where('target_id', '<', page.before);
  const rows = await query.orderBy('target_id', 'desc').limit(page.rows).execute();
  return rows.map(toTarget);
}

/** Everything but the credential. */
export function selectTargets(tx: OrgTransaction, orgId: OrgId) {
  return tx
    .selectFrom('targets')
    .select(['target_id', 'project_id', 'name', 'definition', 'created_at'])
    .select(sql<boolean>`sealed_auth is not null`.as('has_auth'))
    .where('org_id', '=', orgId);
}

interface TargetRow {
  readonly target_id: string;
  readonly project_id: string;
  readonly name: string;
  readonly definition: unknown;
  readonly created_at: Date;
  readonly has_auth: boolean;
}

export function toTarget(row: TargetRow): Target {
  return {
    targetId: row.target_id as TargetId,
    projectId: row.project_id as ProjectId,
    name: row.name,
    definition: row.definition as TargetDefinition,
    hasAuth: row.has_auth,
    createdAt: row.created_at.toISOString(),
  };
}
