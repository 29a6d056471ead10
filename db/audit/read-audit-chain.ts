import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { ChainedEntry } from '../../runtime/audit-chain.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Rows of the chain after `afterSeq`, in its order, with every field as it was hashed. */
export async function readAuditChain(
  tx: OrgTransaction,
  orgId: OrgId,
  page: { readonly afterSeq: number; readonly rows: number },
): Promise<ChainedEntry[]> {
  const { rows } = await sql<ChainedEntry & { seq: string }>`
    select c.seq, c.audit_id as "auditId", to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
      a.action, a.actor, a.object_type as "objectType", a.object_id as "objectId", a.request_id as "requestId",
      a.detail::text as detail, c.hash
    from audit_chain c join audit_logs a on a.org_id = c.org_id and a.audit_id = c.audit_id
    where c.org_id = ${orgId} and c.seq > ${page.afterSeq}
    order by c.seq limit ${page.rows}`.execute(tx);
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
}
