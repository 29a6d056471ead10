import { sql } from 'kysely';

import type { AuditLog } from '../../contracts/audit-log.ts';
import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface AuditFilter {
  /** Exactly, or everything that begins so when it ends in `*`. */
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  readonly objectType?: string | undefined;
  readonly objectId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly before: AuditPlace | undefined;
  readonly rows: number;
}

/** Where a page ended: time, to the microsecond, and id. */
export type AuditPlace = readonly [at: string, auditId: string];

/** Audit rows from the newest on, starting below `before`. */
export async function listAuditLogs(
  tx: OrgTransaction,
  orgId: OrgId,
  filter: AuditFilter,
): Promise<{ readonly log: AuditLog; readonly place: AuditPlace }[]> {
  let query = tx
    .selectFrom('audit_logs')
    .select(['audit_id', 'at', 'action', 'actor', 'object_type', 'object_id', 'request_id', 'detail'])
    .select(sql<string>`to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`.as('exact_at'))
    .where('org_id', '=', orgId);
  const { action, actor, objectType, objectId, from, to, before } = filter;
  if (action?.endsWith('*') === true) query = query.where(sql<boolean>`starts_with(action, ${action.slice(0, -1)})`);
  else if (action !== undefined) query = query.where('action', '=', action);
  if (actor !== undefined) query = query.where('actor', '=', actor);
  if (objectType !== undefined) query = query.where('object_type', '=', objectType);
  if (objectId !== undefined) query = query.where('object_id', '=', objectId);
  if (from !== undefined) query = query.where('at', '>=', new Date(from));
  if (to !== undefined) query = query.where('at', '<', new Date(to));
  if (before !== undefined) query = query.where(sql<boolean>`(at, audit_id) < (${before[0]}::timestamptz, ${before[1]})`);
  const rows = await query.orderBy('at', 'desc').orderBy('audit_id', 'desc').limit(filter.rows).execute();
  return rows.map((row) => ({
    log: {
      auditId: row.audit_id,
      at: row.exact_at,
      action: row.action,
      actor: row.actor,
      objectType: row.object_type,
      objectId: row.object_id,
      requestId: row.request_id,
      detail: row.detail as Record<string, unknown>,
    },
    place: [row.exact_at, row.audit_id],
  }));
}
