import { newId } from '../runtime/new-id.ts';
import type { Auditable } from '../domain/audit-detail.ts';
import type { OrgId } from '../domain/ids.ts';
import type { OrgTransaction } from './with-org.ts';

export interface AuditEntry {
  readonly orgId: OrgId;
  /** What was done, such as `project.create`. */
  readonly action: string;
  /** Who did it: the id of an API key or sidecar token, or `operator` for what the machine's owner starts. */
  readonly actor: string;
  readonly objectType: string;
  readonly objectId: string;
  readonly requestId?: string | undefined;
}

const rowsIn = new WeakMap<OrgTransaction, number>();

/** How many audit rows this transaction has, so that whoever runs a change can insist on one. */
export function auditRowsIn(tx: OrgTransaction): number {
  return rowsIn.get(tx) ?? 0;
}

/**
 * Adds an audit row to the transaction of the change that it tells of. The row is chained when that commits; see
 * docs/audit.md.
 */
export async function insertAudit<Detail extends object>(
  tx: OrgTransaction,
  entry: AuditEntry & {
    /** References and digests; never personal data or secrets: what people write does not compile here. */
    readonly detail?: Detail & Auditable<Detail>;
  },
): Promise<void> {
  await tx
    .insertInto('audit_logs')
    .values({
      org_id: entry.orgId,
      audit_id: newId('audit'),
      action: entry.action,
      actor: entry.actor,
      object_type: entry.objectType,
      object_id: entry.objectId,
      request_id: entry.requestId ?? null,
      detail: JSON.stringify(entry.detail ?? {}),
    })
    .execute();
  rowsIn.set(tx, auditRowsIn(tx) + 1);
}
