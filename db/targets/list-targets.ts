import type { Target } from '../../contracts/target.ts';
import type { OrgId, ProjectId, TargetId } from '../../domain/ids.ts';
import type { TargetAuth, TargetDefinition } from '../../domain/target.ts';
import type { OrgTransaction } from '../with-org.ts';
import { targetColumns } from './target-columns.ts';

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
  return tx.selectFrom('targets').select(targetColumns).where('org_id', '=', orgId);
}

interface TargetRow {
  readonly target_id: string;
  readonly project_id: string;
  readonly name: string;
  readonly definition: unknown;
  readonly auth_kind: string | null;
  readonly has_client_certificate: boolean;
  readonly revision: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export function toTarget(row: TargetRow): Target {
  return {
    targetId: row.target_id as TargetId,
    projectId: row.project_id as ProjectId,
    name: row.name,
    definition: row.definition as TargetDefinition,
    authKind: row.auth_kind as TargetAuth['kind'] | null,
    hasClientCertificate: row.has_client_certificate,
    revision: row.revision,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
